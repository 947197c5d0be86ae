#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of L in NumPy, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import numpy as np


def check(name, actual, expected):
    expected = np.array(expected)
    actual = np.asarray(actual)
    print(name, "=", actual.tolist())
    assert actual.shape == expected.shape, name
    close = np.allclose(actual, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert close, f"{name} is {expected.tolist()} in Backstep"


# The inputs
W = np.array([[0.5, -0.25, 10.0], [1e-9, 3.0, -0.125]])
x = np.array([1.0, 2.0, 3.0])

# The forward pass: each value from those before it
z = W @ x
a = np.tanh(z)
L = np.sum(a)

# The backward pass: each node's adjoint, the derivative of the output with respect
# to it, times the local derivatives of its operation
dL_dL = 1.0  # the seed

# 4. L = sum(a)
dL_da = np.ones((2,))  # ones(2)

# 5. a = tanh(z)
dL_dz = dL_da*(1 - a**2)  # ∂a/∂z = 1 - a^2

# 6. z = W @ x
dL_dW = np.outer(dL_dz, x)  # ∂L/∂z @ x'
dL_dx = W.T @ dL_dz  # W' @ ∂L/∂z

# What Backstep found
check("L", L, 1.999974)
check("dL/dW", dL_dW, [[0.0, 0.0, 0.0], [5e-5, 0.0001, 0.00015]])
check("dL/dx", dL_dx, [5e-14, 0.00015, -6.25e-6])
