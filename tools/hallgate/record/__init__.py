"""Signing, verifying and keeping: DSSE, SSH signatures, blobs, decision records."""
