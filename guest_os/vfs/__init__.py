"""Path walk, mounts, inodes and open file descriptions; no file system of its own."""
