#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of Λ in PyTorch, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import torch

torch.set_default_dtype(torch.float64)


def check(name, actual, expected):
    expected = torch.tensor(expected)
    if actual is None:  # no derivative passes
        actual = torch.zeros_like(expected)
    actual = torch.as_tensor(actual)
    print(name, "=", actual.tolist())
    assert actual.shape == expected.shape, name
    close = torch.allclose(actual, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert close, f"{name} is {expected.tolist()} in Backstep"


# The inputs
θ1 = torch.tensor(0.25, requires_grad=True)  # θ₁
重み = torch.tensor(-1.5, requires_grad=True)

# The forward pass
v1 = θ1*重み
y_hat = torch.tanh(v1)  # ŷ
Λ = square(y_hat)

# The backward pass
Λ.backward()

# What Backstep found
check("Λ", Λ, 0.12845)
check("dΛ/dθ₁", θ1.grad, 0.93709056)
check("dΛ/d重み", 重み.grad, -0.15618176)
