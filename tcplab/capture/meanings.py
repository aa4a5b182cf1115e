"""What each field of the headers is for, in a few words (RFC 791, RFC 8200, RFC 9293 section 3.1)."""

from __future__ import annotations

#: By layer and scapy's field name.
MEANINGS: dict[tuple[str, str], str] = {
    ("IPv4", "version"): "the version of IP",
    ("IPv4", "ihl"): "length of this header in words of 4 bytes",
    ("IPv4", "tos"): "type of service; its two lowest bits are ECN",
    ("IPv4", "len"): "bytes in the whole packet",
    ("IPv4", "id"): "number of the packet, for putting fragments together",
    ("IPv4", "flags"): "DF: routers may not cut the packet into fragments",
    ("IPv4", "frag"): "place of a fragment in its packet; 0 here",
    ("IPv4", "ttl"): "routers it may still pass",
    ("IPv4", "proto"): "what the packet carries; 6 is TCP",
    ("IPv4", "chksum"): "checksum of this header alone",
    ("IPv4", "src"): "address of the sender",
    ("IPv4", "dst"): "address of the receiver",
    ("IPv6", "version"): "the version of IP",
    ("IPv6", "tc"): "traffic class; its two lowest bits are ECN",
    ("IPv6", "fl"): "flow label",
    ("IPv6", "plen"): "bytes after this header",
    ("IPv6", "nh"): "what the packet carries; 6 is TCP",
    ("IPv6", "hlim"): "routers it may still pass",
    ("IPv6", "src"): "address of the sender",
    ("IPv6", "dst"): "address of the receiver",
    ("TCP", "sport"): "port of the sender",
    ("TCP", "dport"): "port of the receiver",
    ("TCP", "seq"): "number of the first byte of text; with SYN, the initial sequence number",
    ("TCP", "ack"): "number of the next byte expected; it counts only with ACK",
    ("TCP", "dataofs"): "where the text begins, in words of 4 bytes",
    ("TCP", "reserved"): "reserved: sent as 0, ignored on receipt",
    ("TCP", "window"): "bytes the sender of this segment has room for, before scaling",
    ("TCP", "chksum"): "checksum of addresses, TCP header and text",
    ("TCP", "urgptr"): "end of urgent data, counted from seq; it counts only with URG",
}

#: The control bits by scapy's letter.
FLAGS = {
    "F": "FIN: no more text from me", "S": "SYN: this is my first number", "R": "RST: this connection is over",
    "P": "PSH: hand it over now", "A": "ACK: the acknowledgement number counts", "U": "URG: the urgent pointer counts",
    "E": "ECE: the network is congested", "C": "CWR: I have slowed down", "N": "reserved bit",
}

#: Options by kind: name and meaning.
OPTIONS = {
    0: ("EOL", "end of the options"),
    1: ("NOP", "padding"),
    2: ("MSS", "largest text the sender of this can receive in one segment"),
    3: ("WScale", "its windows are multiplied by 2 to this power"),
    4: ("SAckOK", "it understands selective acknowledgements"),
    5: ("SAck", "ranges received beyond the acknowledgement number"),
    8: ("Timestamp", "its clock, and the latest clock it saw from the other side"),
}
