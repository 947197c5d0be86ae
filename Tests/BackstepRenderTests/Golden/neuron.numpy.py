#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of L in NumPy, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import numpy as np


def sigmoid(x):
    return np.exp(-np.logaddexp(0.0, -x))  # 1/(1 + exp(-x)) without overflow


def bce(a, y):
    return -np.mean(y*np.log(a) + (1 - y)*np.log1p(-a))


def check(name, actual, expected):
    expected = np.array(expected)
    actual = np.asarray(actual)
    print(name, "=", actual.tolist())
    assert actual.shape == expected.shape, name
    close = np.allclose(actual, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert close, f"{name} is {expected.tolist()} in Backstep"


# The inputs
w1 = 0.5
x1 = 1.0
w2 = -0.3
x2 = 2.0
b = 0.1
y = 1.0

# The forward pass: each value from those before it
v1 = w1*x1
v2 = w2*x2
v3 = v1 + v2
z = v3 + b
a = sigmoid(z)
L = bce(a, y)

# The backward pass: each node's adjoint, the derivative of the output with respect
# to it, times the local derivatives of its operation
dL_dL = 1.0  # the seed

# 7. L = bce(a, y)
dL_da = dL_dL*((a - y)/(a*(1 - a)))  # ∂L/∂a = (a - y)/(a*(1 - a))

# 8. a = sigmoid(z)
dL_dz = dL_da*(a*(1 - a))  # ∂a/∂z = a*(1 - a)

# 9. z = v3 + b
dL_dv3 = dL_dz  # ∂z/∂v3 = 1
dL_db = dL_dz  # ∂z/∂b = 1

# 10. v3 = v1 + v2
dL_dv1 = dL_dv3  # ∂v3/∂v1 = 1
dL_dv2 = dL_dv3  # ∂v3/∂v2 = 1

# 11. v2 = w2*x2
dL_dw2 = dL_dv2*x2  # ∂v2/∂w2 = x2
dL_dx2 = dL_dv2*w2  # ∂v2/∂x2 = w2

# 12. v1 = w1*x1
dL_dw1 = dL_dv1*x1  # ∂v1/∂w1 = x1
dL_dx1 = dL_dv1*w1  # ∂v1/∂x1 = w1

# What Backstep found
check("L", L, 0.6931471805599453)
check("dL/dw1", dL_dw1, -0.5)
check("dL/dx1", dL_dx1, -0.25)
check("dL/dw2", dL_dw2, -1.0)
check("dL/dx2", dL_dx2, 0.15)
check("dL/db", dL_db, -0.5)
