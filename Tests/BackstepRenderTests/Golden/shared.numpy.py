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
x = -1.7

# The forward pass: each value from those before it
v1 = x*x
v2 = 3*x
f = v1 + v2
v4 = np.tanh(x)
L = f - v4

# The backward pass: each node's adjoint, the derivative of the output with respect
# to it, times the local derivatives of its operation

# What these receive is added up, from 0 on
dL_dx = 0.0

dL_dL = 1.0  # the seed

# 6. L = f - v4
dL_df = dL_dL  # ∂L/∂f = 1
dL_dv4 = -dL_dL  # ∂L/∂v4 = -1

# 7. v4 = tanh(x)
dL_dx += dL_dv4*(1 - v4**2)  # ∂v4/∂x = 1 - v4^2

# 8. f = v1 + v2
dL_dv1 = dL_df  # ∂f/∂v1 = 1
dL_dv2 = dL_df  # ∂f/∂v2 = 1

# 9. v2 = 3*x
dL_dx += dL_dv2*3  # ∂v2/∂x = 3

# 10. v1 = x*x
dL_dx += dL_dv1*x  # ∂v1/∂x = x
dL_dx += dL_dv1*x  # ∂v1/∂x = x

# dL_dx is complete: a sum over v4, v2, v1, v1

# What Backstep found
check("L", L, -1.274591)
check("dL/dx", dL_dx, -0.52501)
