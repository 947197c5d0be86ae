#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of L in JAX, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def bce(a, y):
    return -jnp.mean(y*jnp.log(a) + (1 - y)*jnp.log1p(-a))


def check(name, actual, expected):
    expected = jnp.array(expected)
    actual = jnp.asarray(actual)
    print(name, "=", actual.tolist())
    assert actual.shape == expected.shape, name
    close = jnp.allclose(actual, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert close, f"{name} is {expected.tolist()} in Backstep"


# The inputs
w1 = jnp.array(0.5)
x1 = jnp.array(1.0)
w2 = jnp.array(-0.3)
x2 = jnp.array(2.0)
b = jnp.array(0.1)
y = jnp.array(1.0)


def forward(w1, x1, w2, x2, b):
    v1 = w1*x1
    v2 = w2*x2
    v3 = v1 + v2
    z = v3 + b
    a = jax.nn.sigmoid(z)
    L = bce(a, y)
    return jnp.asarray(L)


# Forwards, and backwards to everything that was asked for
value, gradient = jax.value_and_grad(forward, argnums=(0, 1, 2, 3, 4))(w1, x1, w2, x2, b)

# What Backstep found
check("L", value, 0.6931471805599453)
check("dL/dw1", gradient[0], -0.5)
check("dL/dx1", gradient[1], -0.25)
check("dL/dw2", gradient[2], -1.0)
check("dL/dx2", gradient[3], 0.15)
check("dL/db", gradient[4], -0.5)
