#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of L in NumPy, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import numpy as np

np.seterr(all="ignore")


def relu(x):
    return np.where(x > 0, x, 0.0)


def mse(a, y):
    return np.mean((a - y)**2)


def check(name, actual, expected):
    expected = np.array(expected)
    actual = np.asarray(actual)
    print(name, "=", actual.tolist())
    assert actual.shape == expected.shape, name
    close = np.allclose(actual, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert close, f"{name} is {expected.tolist()} in Backstep"


# The inputs
x = np.float64(0.0)
y = np.float64(1.5)

# The forward pass: each value from those before it
v1 = np.log(x)
v2 = x*v1
v3 = relu(x)  # a kink: the derivative closest to 0
v4 = np.maximum(x, v3)  # a tie: each gets its share of the derivative
v5 = np.floor(v4)
v6 = v2 + v5
L = mse(v6, y)

# The backward pass: each node's adjoint, the derivative of the output with respect
# to it, times the local derivatives of its operation

# What these receive is added up, from 0 on
dL_dx = 0.0

dL_dL = np.float64(1.0)  # the seed

# 8. L = mse(v6, y)
dL_dv6 = dL_dL*(2*(v6 - y))  # ∂L/∂v6 = 2*(v6 - y)

# 9. v6 = v2 + v5
dL_dv2 = dL_dv6  # ∂v6/∂v2 = 1
dL_dv5 = dL_dv6  # ∂v6/∂v5 = 1

# 10. v5 = floor(v4)
dL_dv4 = dL_dv5*0  # ∂v5/∂v4 = 0

# 11. v4 = max(x, v3)
dL_dx += dL_dv4*(x >= v3)  # ∂v4/∂x = x >= v3
dL_dv3 = dL_dv4*(v3 >= x)  # ∂v4/∂v3 = v3 >= x

# 12. v3 = relu(x)
dL_dx += dL_dv3*(x > 0)  # ∂v3/∂x = x > 0

# 13. v2 = x*v1
dL_dx += dL_dv2*v1  # ∂v2/∂x = v1
dL_dv1 = dL_dv2*x  # ∂v2/∂v1 = x

# 14. v1 = log(x)
dL_dx += dL_dv1*(1/x)  # ∂v1/∂x = 1/x

# dL_dx is complete: a sum over v4, v3, v2, v1

# What Backstep found
check("L", L, np.nan)
check("dL/dx", dL_dx, np.nan)
