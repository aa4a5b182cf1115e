"""One host of ours on a real network: a TUN device, asyncio and the monotonic clock around the virtual world."""
