"""OCI registries: push, pull and attach; every byte is checked against its digest.

Written on the standard library's urllib: the client is small, runs where promotions are decided,
and a dependency there would be one more thing to trust, pin and patch (docs/guide/consumers.md
says what it leaves out).
"""
