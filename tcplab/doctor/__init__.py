"""`tcplab doctor`: is this place fit for tcplab, and if not, what is to be done."""
