"""Constants and C layouts of the guest interfaces; imports nothing of ours."""
