"""solproc: the processes as Solaris shows them, to look at and to control. illumos: man 5 proc"""
