#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of L in PyTorch, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import torch

torch.set_default_dtype(torch.float64)


def mse(a, y):
    return torch.mean((a - y)**2)


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
x = torch.tensor(0.0, requires_grad=True)
y = torch.tensor(1.5)

# The forward pass
v1 = torch.log(x)
v2 = x*v1
v3 = torch.relu(x)  # a kink: the derivative closest to 0
v4 = torch.maximum(x, v3)  # a tie: each gets its share of the derivative
v5 = torch.floor(v4)
v6 = v2 + v5
L = mse(v6, y)

# The backward pass
L.backward()

# What Backstep found
check("L", L, torch.nan)
check("dL/dx", x.grad, torch.nan)
