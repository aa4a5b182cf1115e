"""The only room with scapy: dissection for the inspector, captures for Wireshark. Imported when first used."""
