#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Made by Backstep: the gradient of L in JAX, all numbers in double precision.
# Prints the derivatives, and fails if they differ from Backstep's by 1e-9.

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def check(name, actual, expected):
    expected = jnp.array(expected)
    actual = jnp.asarray(actual)
    print(name, "=", actual.tolist())
    assert actual.shape == expected.shape, name
    close = jnp.allclose(actual, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert close, f"{name} is {expected.tolist()} in Backstep"


# The inputs
x = jnp.array(-1.7)


def forward(x):
    v1 = x*x
    v2 = 3*x
    f = v1 + v2
    v4 = jnp.tanh(x)
    L = f - v4
    return jnp.asarray(L)


# Forwards, and backwards to everything that was asked for
value, gradient = jax.value_and_grad(forward, argnums=(0,))(x)

# What Backstep found
check("L", value, -1.274591)
check("dL/dx", gradient[0], -0.52501)
