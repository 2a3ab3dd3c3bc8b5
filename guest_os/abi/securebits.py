"""What root's user id means for capabilities. include/uapi/linux/securebits.h; each bit has its lock above it."""

SECBIT_NOROOT = 1
SECBIT_NO_SETUID_FIXUP = 4
SECBIT_KEEP_CAPS = 16
SECBIT_KEEP_CAPS_LOCKED = 32
SECBIT_NO_CAP_AMBIENT_RAISE = 64
SECURE_ALL_BITS = 0x55
SECURE_ALL_LOCKS = SECURE_ALL_BITS << 1
