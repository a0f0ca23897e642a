"""Low-latency HLS from the same window that feeds the sockets (RFC 8216bis; numbers are sections of its draft 20)."""
