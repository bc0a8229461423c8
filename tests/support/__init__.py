"""What the outside-in tests and the bench share: programs, peers, targets and a SOCKS5 client."""
