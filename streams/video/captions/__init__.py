"""What the host says, as text: over the picture, as WebVTT in HLS, and in the replay."""
