#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of L in PyTorch, all numbers in double precision.
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
W = torch.tensor([[0.5, -0.25, 10.0], [1e-9, 3.0, -0.125]], requires_grad=True)
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)

# The forward pass
z = W @ x
a = torch.tanh(z)
L = torch.sum(a)

# The backward pass
L.backward()

# What Backstep found
check("L", L, 1.999974)
check("dL/dW", W.grad, [[0.0, 0.0, 0.0], [5e-5, 0.0001, 0.00015]])
check("dL/dx", x.grad, [5e-14, 0.00015, -6.25e-6])
