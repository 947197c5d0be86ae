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
x = torch.tensor(-1.7, requires_grad=True)

# The forward pass
v1 = x*x
v2 = 3*x
f = v1 + v2
v4 = torch.tanh(x)
L = f - v4

# The backward pass
L.backward()

# What Backstep found
check("L", L, -1.274591)
check("dL/dx", x.grad, -0.52501)
