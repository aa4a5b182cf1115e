"""Training labs over SSH: `tcplab kiosk DIR` as OpenSSH's ForceCommand, and `tcplab watch DIR`, the instructor's board.

A learner who logs in sees the course and nothing else; every attempt is numbered and kept in a folder of their own.
The operator's page is tcplab/docs/ssh-labs.md.
"""
