"""The streets as arrays: what the engine walks on."""
