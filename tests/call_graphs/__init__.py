"""Programs with the calls that they make, as comments at their ends: `top` is the module, other names count from it."""
