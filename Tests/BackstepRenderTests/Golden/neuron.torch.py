#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of L in PyTorch, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import torch

torch.set_default_dtype(torch.float64)


def bce(a, y):
    return -torch.mean(y*torch.log(a) + (1 - y)*torch.log1p(-a))


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
w1 = torch.tensor(0.5, requires_grad=True)
x1 = torch.tensor(1.0, requires_grad=True)
w2 = torch.tensor(-0.3, requires_grad=True)
x2 = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(0.1, requires_grad=True)
y = torch.tensor(1.0)

# The forward pass
v1 = w1*x1
v2 = w2*x2
v3 = v1 + v2
z = v3 + b
a = torch.sigmoid(z)
L = bce(a, y)

# The backward pass
L.backward()

# What Backstep found
check("L", L, 0.6931471805599453)
check("dL/dw1", w1.grad, -0.5)
check("dL/dx1", x1.grad, -0.25)
check("dL/dw2", w2.grad, -1.0)
check("dL/dx2", x2.grad, 0.15)
check("dL/db", b.grad, -0.5)
