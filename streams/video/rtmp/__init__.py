"""OBS and other RTMP senders: one port, one process, many shows."""
