"""The log of records: an RFC 6962 Merkle tree on plain files, in C2SP's formats."""
