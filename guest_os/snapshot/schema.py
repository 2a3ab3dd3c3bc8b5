"""The classes whose instances a snapshot may hold, and their own fields. Made by `python -m rvsim.tools.reference`.

Codes of types: n None, b bool, i int, f float, s str, y bytes, Y bytearray, L list, D dict, S set, T tuple
or frozenset, Q deque, A array, E member of an enumeration, C class or function, X context, P page table, O
thing of the outside, a class's name: an instance of it, ?: anything.
"""

FIELDS: dict[str, str] = {
    "boot:ImageStart": "makes_cwd=b name=y user=y",
    "boot:Machine": (
        "clock=? config=boot:MachineConfig console=O context=? cred=? hart=O input=? jobs=? "
        "kernel=task.kernel:Kernel memory=mm.memory:Memory outside=O random=fs.random:RandomSource "
        "stats=stats:Stats streams=? tty=fs.console_tty:ConsoleTty|n vdso=mm.vdso:Vdso world=?"
    ),
    "boot:MachineConfig": (
        "abi=n|s clock=s cwd=y env=D faults=faults.plan:FaultPlan|n image=boot:ImageStart|n memory_bytes=b|i "
        "process_limit=b|i root=n|y seed=b|i shares=T timeout_ns=b|i|n"
    ),
    "boot:Share": "guest=y host=y readonly=b",
    "emu.clock:HostClock": "hart=O realtime_base_ns=b|i",
    "emu.clock:PacedClock": "hart=O realtime_base_ns=b|i",
    "emu.clock:VirtualClock": "hart=O realtime_base_ns=b|i",
    "faults.chaos:Chaos": "hard=b rate=b|i state=b|i",
    "faults.fault:Fault": "action=s call=s comm=s every=b last=b|i nth=b|i path=s pid=b|i|n step=b|i value=b|i|s",
    "faults.fault:Injected": "action=s call=s n=b|i pid=b|i tick=b|i",
    "faults.injector:Injector": (
        "calls=b|i chaos=faults.chaos:Chaos|n counts=L injected=b|i kernel=task.kernel:Kernel log=L own_slices=b "
        "plan=faults.plan:FaultPlan"
    ),
    "faults.plan:FaultPlan": "chaos_level=s chaos_rate=b|i chaos_seed=b|i|n faults=T log=L",
    "fs.anon:AnonFile": "",
    "fs.anon:AnonFs": "inode=fs.anon:AnonInode mount=?",
    "fs.anon:AnonInode": "",
    "fs.archive:ArchiveDir": "children=D listing=L size=?",
    "fs.archive:ArchiveFile": "extents=? size=? starts=?",
    "fs.archive:ArchiveNode": (
        "atime_ns=? btime_ns=? ctime_ns=? gid=? mode=? mtime_ns=? sb=fs.archive:ArchiveSuperBlock size=? target=? "
        "uid=? xattrs=?"
    ),
    "fs.archive:ArchiveSuperBlock": "data_pages=? files=b|i readonly=b source=? top=fs.archive:ArchiveDir",
    "fs.archive_entry:Entry": (
        "atime_ns=b|i|n extents=T gid=b|i link=n|y mode=b|i mtime_ns=b|i name=y rdev=b|i size=b|i target=y "
        "uid=b|i xattrs=D"
    ),
    "fs.archive_source:Unpacked": "chunks=L size=b|i",
    "fs.char_device:DeviceTable": "devices=D",
    "fs.char_device:FullFile": "",
    "fs.char_device:MemoryDevice": "file_type=C",
    "fs.char_device:MemoryFile": "",
    "fs.char_device:RandomDevice": "source=fs.random:RandomSource",
    "fs.char_device:RandomFile": "source=fs.random:RandomSource",
    "fs.char_device:ZeroFile": "",
    "fs.console_tty:ConsoleTty": "console=O keyed=b size=T",
    "fs.console_tty:ControllingTtyDevice": "jobs=?",
    "fs.console_tty:NullConsoleDevice": "console=O",
    "fs.console_tty:TtyDevice": "controls=b tty=fs.tty:Tty",
    "fs.console_tty:_NullConsoleFile": "console=O",
    "fs.devfs:DevFs": "sb=fs.tmpfs:MemSuperBlock",
    "fs.devpts:DevPts": "sb=fs.devpts:DevPtsSuperBlock",
    "fs.devpts:DevPtsSuperBlock": (
        "block_size=b|i devices=fs.char_device:DeviceTable gid=b|i|n jobs=? kept=b mode=b|i nodes=D options=y "
        "ptmx=vfs.inode:Inode readonly=? slaves=D uid=b|i|n"
    ),
    "fs.devpts:PtsDir": "sb=fs.devpts:DevPtsSuperBlock",
    "fs.epoll:EpollFile": "items=D queue=wait:WaitQueue ready=D",
    "fs.epoll:EpollItem": "data=b|i epoll=fs.epoll:EpollFile events=b|i fd=b|i file=vfs.file:File queues=T",
    "fs.eventfd:EventFile": "counter=b|i queue=wait:WaitQueue semaphore=b",
    "fs.file_owner:FileOwner": (
        "euid=b|i fd=? file=vfs.file:File kind=? pid=n|task.pid:Pid queues=T signum=b|i uid=b|i"
    ),
    "fs.host_dir:HostDir": "entries=D last_position=b|i listing=L|n",
    "fs.host_dir:StillHostDir": "",
    "fs.host_file:HostFile": "last_size=?",
    "fs.host_node:HostNode": (
        "atime_ns=? btime_ns=? ctime_ns=? foreign=b gid=? host_blocks=? ino=? is_root=b key=T last_size=? mode=? "
        "mtime_ns=? nlink=? places=D rdev=? sb=fs.hostfs:HostSuperBlock seen=T uid=?"
    ),
    "fs.hostfs:HostSuperBlock": (
        "fds=? given_readonly=b host=O may_chown=b nodes=? nodes_max=? own_gid=? own_uid=? readonly=b root_dev=? "
        "still=b"
    ),
    "fs.hostfs:HostTime": "host=O",
    "fs.inotify:InotifyFile": (
        "by_inode=D events=Q last_wd=b|i overflowed=b queue=wait:WaitQueue users=fs.inotify:InotifyUsers "
        "watches=D"
    ),
    "fs.inotify:InotifyUsers": "instances=D watches=D",
    "fs.inotify:Watch": "file=fs.inotify:InotifyFile inode=vfs.inode:Inode mask=b|i wd=b|i",
    "fs.job_control:NoJobControl": "resume=?",
    "fs.layered:LayeredDir": "block=y index=D listing=? place=? sb=fs.layered:LayeredSuperBlock",
    "fs.layered:LayeredSuperBlock": "data_pages=? files=? linked=D top=?",
    "fs.line_discipline:LineDiscipline": (
        "edit=Y erasing=b lines=L literal=b output=fs.output_processing:OutputProcessing raw=Y start_column=b|i "
        "terminal=?"
    ),
    "fs.mem_dir:MemDir": "ctime_ns=? entries=D last_position=b|i mtime_ns=? names=D nlink=? order=L size=?",
    "fs.mem_file:MemFile": "chunks=D ctime_ns=? mtime_ns=? pages=D size=?",
    "fs.mem_node:MemNode": "ctime_ns=? sb=fs.tmpfs:MemSuperBlock xattrs=D|n",
    "fs.mem_node:MemSymlink": "size=? target=y",
    "fs.memfd:MemfdFile": "nlink=b|i seals=b|i",
    "fs.memfd:MemfdFs": "mount=?",
    "fs.nsfs:NsFile": "inode=fs.nsfs:NsInode",
    "fs.nsfs:NsFs": "mount=?",
    "fs.nsfs:NsInode": "kind=b|i space=?",
    "fs.output_processing:OutputProcessing": "column=b|i termios=fs.termios:Termios",
    "fs.overlay:OverlayDir": (
        "ctime_ns=? found=D known=b lower=vfs.inode:Inode mtime_ns=? nlink=? sb=fs.overlay:OverlaySuperBlock "
        "size=? unread=D"
    ),
    "fs.overlay:OverlayFile": "lower=n|vfs.inode:Inode",
    "fs.overlay:OverlaySuperBlock": "last_ino=? linked=D lower=vfs.super_block:SuperBlock unread=vfs.inode:Inode",
    "fs.pidfd:PidFile": "flags=? pid=? queue=?",
    "fs.pipe:Pipe": (
        "capacity=? data=Y packets=Q read_queue=wait:WaitQueue reader_opens=b|i readers=b|i "
        "write_queue=wait:WaitQueue writer_opens=b|i writers=b|i"
    ),
    "fs.pipe:PipeEnd": "",
    "fs.pipe:PipeFile": "opening=b|i|n pipe=fs.pipe:Pipe",
    "fs.pipe:PipeFs": "mount=?",
    "fs.pipe:PipeInode": "",
    "fs.pty:PtmxDevice": "devpts=fs.devpts:DevPtsSuperBlock",
    "fs.pty:PtsDevice": "",
    "fs.pty:PtyMaster": "slave=fs.pty:PtySlave",
    "fs.pty:PtySlave": (
        "devpts=fs.devpts:DevPtsSuperBlock flow_keys=? index=b|i locked=b master_read_queue=wait:WaitQueue "
        "master_write_queue=wait:WaitQueue opens=b|i output=Y packet=b pending=Y status=b|i was_opened=b"
    ),
    "fs.random:RandomSource": "counter=b|i key=?",
    "fs.signalfd:SignalFile": "mask=b|i scheduler=task.scheduler:Scheduler",
    "fs.socket_file:SocketFile": "sock=fs.unix_socket:UnixSocket",
    "fs.socket_file:StreamSocketFile": "",
    "fs.socket_fs:SocketFs": (
        "abstract=D bytes_held=b|i bytes_limit=b|i in_flight=fs.unix_in_flight:InFlight kernel=task.kernel:Kernel "
        "last_name=b|i mount=? sockets=D"
    ),
    "fs.socket_wait:SocketWait": (
        "count=b|i deadline_ns=b|i|n done=? end_ns=b|i|n length_at=b|i sender=T|n task=task.task:Task waited=b"
    ),
    "fs.stream:HostInput": "by_line=b console=O ended=b pending=Y queue=wait:WaitQueue waits=b world=?",
    "fs.stream:InputFile": "source=fs.stream:HostInput",
    "fs.stream:OutputFile": "console=O stream=b|i",
    "fs.stream:StreamFs": "mount=?",
    "fs.stream:StreamInode": "",
    "fs.termios:Termios": "cc=Y cflag=? iflag=? ispeed=b|i lflag=? line=b|i oflag=? ospeed=b|i",
    "fs.timerfd:TimerFile": (
        "clock=? clock_id=b|i deadline_ns=b|i interval_ns=b|i queue=wait:WaitQueue seq=b|i ticks=b|i "
        "timers=task.timers:TimerQueue"
    ),
    "fs.tmpfs:MemSuperBlock": (
        "attribute_bytes=b|i limit_inodes=b|i limit_pages=? options=y pool=fs.tmpfs:PagePool|n used_inodes=b|i "
        "used_pages=b|i"
    ),
    "fs.tmpfs:PagePool": "limit_pages=b|i used_pages=b|i",
    "fs.tmpfs:TmpFs": "clock=? default_size=b|i pool=fs.tmpfs:PagePool|n",
    "fs.tmpfs:TmpSuperBlock": "default_pages=? limit_inodes=? limit_pages=? options=? readonly=?",
    "fs.tty:Tty": (
        "clock=? discipline=fs.line_discipline:LineDiscipline exclusive=b group=? hung_up=b jobs=? "
        "last_input_ns=b|i rdev=b|i read_queue=wait:WaitQueue session=? size=T stopped=b "
        "termios=fs.termios:Termios write_queue=wait:WaitQueue"
    ),
    "fs.tty:TtyFile": "tty=fs.tty:Tty",
    "fs.unix_in_flight:InFlight": "by_uid=D closing=b dying=Q sockets=D total=b|i",
    "fs.unix_message:Message": (
        "cost=b|i data=y files=T origin=fs.unix_socket:UnixSocket owner=b|i sender=T start=b|i"
    ),
    "fs.unix_socket:UnixSocket": (
        "backlog=? dead=b error=b|i file=fs.socket_file:SocketFile|n fs=fs.socket_fs:SocketFs in_flight=b|i "
        "ino=b|i kind=b|i messages=Q name=n|y options=D pass_cred=b peer=fs.unix_socket:UnixSocket|n "
        "peer_cred=T|n pending=Q place=n|vfs.mount:Path rcvbuf=? rcvlowat=b|i rcvtimeo_ns=b|i|n "
        "read_queue=wait:WaitQueue room_queue=wait:WaitQueue senders=D shutdown=b|i sndbuf=? sndtimeo_ns=b|i|n "
        "state=? used=b|i write_queue=wait:WaitQueue"
    ),
    "fs.unix_transfer:Outgoing": "address=n|y files=T sender=T|n",
    "fs.unix_transfer:Piece": "data=y last=b messages=L size=b|i",
    "fs.unix_transfer:Ready": "data=y",
    "ipc.ids:IpcIds": "by_index=D by_key=D last_index=? limit=b|i seq=b|i",
    "ipc.ids:IpcObject": "cgid=? cuid=? deleted=b gid=? id=? key=b|i mode=b|i seq=b|i uid=?",
    "ipc.messages:MessageQueue": (
        "cbytes=b|i ctime_ns=? last_receiver=n|task.pid:Pid last_sender=n|task.pid:Pid messages=L qbytes=? "
        "receivers=wait:WaitQueue rtime_ns=b|i senders=wait:WaitQueue stime_ns=b|i"
    ),
    "ipc.messages:MessageQueues": "bytes_limit=b|i held=b|i ids=ipc.ids:IpcIds kernel=task.kernel:Kernel",
    "ipc.namespace:IpcNamespace": (
        "msg=ipc.messages:MessageQueues queues=ipc.posix_queues:QueueFs sem=ipc.semaphores:Semaphores "
        "shm=ipc.shared_memory:SharedMemory"
    ),
    "ipc.posix_queues:Notification": "group=task.thread_group:ThreadGroup how=b|i signo=b|i value=b|i",
    "ipc.posix_queues:QueueDir": "sb=ipc.posix_queues:QueueFs",
    "ipc.posix_queues:QueueFile": "offset=? queue=ipc.posix_queues:QueueInode",
    "ipc.posix_queues:QueueFs": (
        "by_uid=D bytes_limit=b|i directory=ipc.posix_queues:QueueDir kernel=task.kernel:Kernel mount=? "
        "queues=b|i total=b|i"
    ),
    "ipc.posix_queues:QueueFsType": "sb=ipc.posix_queues:QueueFs",
    "ipc.posix_queues:QueueInode": (
        "cost=b|i ctime_ns=? heap=L last_number=b|i max_messages=b|i message_size=b|i mtime_ns=? "
        "notification=ipc.posix_queues:Notification|n owner=b|i poll_queue=wait:WaitQueue receivers=D "
        "sb=ipc.posix_queues:QueueFs senders=D size=? text_bytes=b|i"
    ),
    "ipc.posix_queues:QueueWait": (
        "deadline_ns=b|i|n done=b inode=ipc.posix_queues:QueueInode message=T|n queue=wait:WaitQueue waiting=D"
    ),
    "ipc.semaphores:PendingOps": (
        "blocking=? deadline_ns=b|i|n ops=L queue=wait:WaitQueue result=C|b|i|n "
        "semaphores=ipc.semaphores:SemaphoreSet task=task.task:Task"
    ),
    "ipc.semaphores:SemaphoreSet": "ctime_ns=? kernel=? otime_ns=b|i pending=D pids=D undo_lists=D values=A",
    "ipc.semaphores:Semaphores": "bytes_limit=b|i count=b|i ids=ipc.ids:IpcIds kernel=task.kernel:Kernel",
    "ipc.semaphores:UndoList": "count=b|i sets=D",
    "ipc.shared_memory:Segment": (
        "atime_ns=b|i creator=task.pid:Pid ctime_ns=? dtime_ns=b|i file=ipc.shared_memory:SegmentFile "
        "last=n|task.pid:Pid pages=? shm=ipc.shared_memory:SharedMemory size=b|i"
    ),
    "ipc.shared_memory:SegmentFile": "segment=ipc.shared_memory:Segment",
    "ipc.shared_memory:SharedMemory": (
        "ids=ipc.ids:IpcIds kernel=task.kernel:Kernel mount=vfs.mount:Mount pages=b|i sb=ipc.shared_memory:ShmFs"
    ),
    "ipc.shared_memory:ShmFs": "",
    "mm.address_space:AddressSpace": (
        "areas=? arg_end=b|i arg_start=b|i brk=b|i end_code=b|i end_data=b|i env_end=b|i env_start=b|i exe=? "
        "hiwater_rss=b|i lock_future=b major_faults=b|i membarrier=b|i minor_faults=b|i saved_auxv=y spy=? "
        "stack_limit=? start_brk=b|i start_code=b|i start_data=b|i start_stack=b|i table=P transfer_max=? "
        "users=b|i vdso=b|i"
    ),
    "mm.area_map:AreaMap": (
        "areas=mm.vma:VmaList data_limit=b|i|n data_vm=b|i exec_vm=b|i hiwater_vm=b|i locked_vm=b|i "
        "memory=mm.memory:Memory mmap_top=? space_limit=b|i|n stack_vm=b|i total_vm=b|i"
    ),
    "mm.memory:AnonymousBacking": "_size=b|i ino=b|i mapping=?",
    "mm.memory:Memory": "allocations=? caches=D frames=O",
    "mm.page_cache:PageCache": "backing=? dirty=S frames=O mappers=b|i pages=D spaces=D writers=b|i",
    "mm.vdso:Vdso": (
        "_data=? cache=mm.page_cache:PageCache data_cache=mm.page_cache:PageCache sigreturn_offset=? size=?"
    ),
    "mm.vdso:_KernelPages": "data=y mapping=?",
    "mm.vma:Vma": "cache=mm.page_cache:PageCache|n end=b|i file=? flags=b|i name=y offset=b|i prot=b|i start=b|i",
    "mm.vma:VmaList": "_starts=L areas=L",
    "proc.fds:FdDir": "links=b size=?",
    "proc.fds:FdInfoInode": "",
    "proc.fds:FdLink": "fd=b|i mode=? size=b|i",
    "proc.fds:PidDir": "",
    "proc.fds:TaskDir": "nlink=? table=D",
    "proc.fds:_Render": "fd=b|i",
    "proc.maps:MapsFile": "",
    "proc.maps:MemFile": "mm=mm.address_space:AddressSpace|n offset=?",
    "proc.maps:MemInode": "",
    "proc.maps:SmapsFile": "",
    "proc.memory_files:MapFileLink": "area=mm.vma:Vma size=b|i",
    "proc.memory_files:MapFilesDir": "",
    "proc.memory_files:PagemapFile": "mm=mm.address_space:AddressSpace|n offset=?",
    "proc.memory_files:PagemapInode": "",
    "proc.mount_files:MountStatsFile": (
        "expected=b|i inode=proc.mount_files:MountsInode offset=? root=vfs.mount:Path text=n|y"
    ),
    "proc.mount_files:MountsFile": "seen=?",
    "proc.mount_files:MountsInode": "show=C",
    "proc.net_files:_Objects": "kind=s",
    "proc.node:Dir": "mode=b|i strict=b table=D",
    "proc.node:Link": "mode=b|i shown=C|n target=C",
    "proc.node:LinkInode": "",
    "proc.node:ProcDirFile": "",
    "proc.node:ProcInode": "entry=? gid=? kind=E pid=n|task.pid:Pid sb=proc.node:ProcSuperBlock strict=b uid=?",
    "proc.node:ProcSuperBlock": "kernel=task.kernel:Kernel ns=task.pid:PidNamespace",
    "proc.node:Special": "kind=b|i make=C",
    "proc.node:Subject": (
        "kernel=task.kernel:Kernel ns=task.pid:PidNamespace opened=mm.address_space:AddressSpace|n "
        "task=task.task:Task"
    ),
    "proc.node:SystemTextFile": "",
    "proc.node:TableDir": "entry=D made=D",
    "proc.node:Text": "bound=b guarded=b living=b mode=b|i opened=C|n render=C seeks=E store=C|n strict=b survives=b",
    "proc.node:TextFile": "expected=b|i inode=proc.node:TextInode memory=? offset=? task=? text=n|y",
    "proc.node:TextInode": "",
    "proc.procfs:NetDir": "",
    "proc.procfs:ProcFs": "kernel=task.kernel:Kernel",
    "proc.procfs:ProcRoot": "ino=? nlink=?",
    "proc.procfs:_Const": "text=y",
    "proc.procfs:_MountsLink": "text=y",
    "proc.procfs:_Namespace": "inum=b|i kind=b|i name=y",
    "proc.procfs:_NamespaceText": "",
    "proc.procfs:_SelfLink": "sb=proc.node:ProcSuperBlock thread=b",
    "proc.procfs:_Shown": "place=?",
    "proc.records:RecordsFile": "cursor=b|i expected=? rest=y",
    "proc.solproc.control:ControlFile": "",
    "proc.solproc.control:ControlNode": "",
    "proc.solproc.files:CannotOpen": "",
    "proc.solproc.files:MemoryFile": "offset=?",
    "proc.solproc.files:MemoryNode": "size=?",
    "proc.solproc.files:NameFile": "",
    "proc.solproc.files:NameNode": "",
    "proc.solproc.files:PrFile": "epoch=? inode=proc.solproc.prnode:PrFileNode offset=? own=?",
    "proc.solproc.files:SnapshotFile": "inode=proc.solproc.files:SnapshotNode",
    "proc.solproc.files:SnapshotNode": "content=C size=?",
    "proc.solproc.files:WriterFile": "counted=b inode=proc.solproc.files:WriterNode",
    "proc.solproc.files:WriterNode": "file_class=?",
    "proc.solproc.order:ControlWait": "at=b|i deadline_ns=b|i|n deadly=b",
    "proc.solproc.order:Order": (
        "current=task.task:Task group=task.thread_group:ThreadGroup inode=proc.solproc.files:WriterNode whole=b"
    ),
    "proc.solproc.page_data:PageDataFile": "marks=D space=mm.address_space:AddressSpace|n",
    "proc.solproc.page_data:PageDataNode": "size=?",
    "proc.solproc.prnode:PrCommon": "page_files=L pid=task.pid:Pid slot=b|i thread=n|task.pid:Pid thread_slot=b|i",
    "proc.solproc.prnode:PrDir": "",
    "proc.solproc.prnode:PrDirFile": "",
    "proc.solproc.prnode:PrFileNode": "",
    "proc.solproc.prnode:PrNode": (
        "atime_ns=? btime_ns=? common=n|proc.solproc.prnode:PrCommon ctime_ns=? gid=? index=b|i kind=E mtime_ns=? "
        "sb=proc.solproc.prnode:SolSuperBlock uid=?"
    ),
    "proc.solproc.prnode:SolSuperBlock": "bits=? kernel=task.kernel:Kernel ns=task.pid:PidNamespace",
    "proc.solproc.tree:FdDir": "",
    "proc.solproc.tree:LwpDir": "",
    "proc.solproc.tree:ObjectDir": "",
    "proc.solproc.tree:OpenedLink": "access=b|i atime_ns=? ctime_ns=? gid=? mtime_ns=? nlink=? rdev=? size=? uid=?",
    "proc.solproc.tree:PlaceLink": "cwd=b",
    "proc.solproc.tree:Root": "nlink=?",
    "proc.solproc.tree:SolProc": "kernel=task.kernel:Kernel",
    "proc.solproc.tree:TableDir": "table=D",
    "proc.solproc.tree:_SnapshotMaker": "content=C kind=E mode=b|i",
    "proc.sysctl:NumberFile": "",
    "proc.sysfs:MemoryDir": "",
    "proc.sysfs:SysFs": "kernel=task.kernel:Kernel",
    "proc.sysfs:SysSuperBlock": "",
    "proc.sysfs:_Target": "text=y",
    "proc.system_files:Fixed": "text=y",
    "proc.system_files:SwapsFile": "",
    "stats:Stats": "kernel=task.kernel:Kernel",
    "syscalls.binfmt:ProgramOpener": "",
    "syscalls.binfmt:RunningProgram": "count=b|i file=vfs.file:File",
    "syscalls.clock:CpuSleep": "remaining=b|i task=task.task:Task wait=task.posix_timers:CpuWait",
    "syscalls.clock:Sleep": "deadline_ns=b|i remaining=b|i task=task.task:Task",
    "syscalls.control_messages:ControlWriter": "address=b|i flags=b|i room=? task=task.task:Task used=b|i",
    "syscalls.fcntl:LockWait": "locks=vfs.locks:FileLocks owner=?",
    "syscalls.files:FifoOpening": "file=fs.pipe:PipeFile",
    "syscalls.ioctl:UserArg": "space=mm.address_space:AddressSpace value=b|i",
    "syscalls.iovec:UserBuffers": "pieces=L size=? space=mm.address_space:AddressSpace",
    "syscalls.linux_abi:LinuxAbi": "calls=O",
    "syscalls.messages:QueueWait": "queue=ipc.messages:MessageQueue",
    "syscalls.polling:PollWait": "deadline_ns=b|i|n task=task.task:Task tsp=b|i",
    "syscalls.posix_queues:_Receiving": "address=b|i priority_address=b|i task=task.task:Task",
    "syscalls.rcore:Nap": "deadline_ns=b|i",
    "syscalls.rcore_abi:RcoreAbi": "calls=O chapter=b|i name=? thread_stack=?",
    "syscalls.rcore_state:Condvar": "line=L",
    "syscalls.rcore_state:Mutex": "blocking=b line=L locked=b released=wait:WaitQueue",
    "syscalls.rcore_state:RcoreProcess": "condvars=L mutexes=L semaphores=L threads=D",
    "syscalls.rcore_state:RcoreThread": "process=syscalls.rcore_state:RcoreProcess saved=L tid=b|i",
    "syscalls.rcore_state:Semaphore": "count=b|i line=L",
    "syscalls.rcore_state:Thread": "exit_code=b|i stack=T|n task=n|task.task:Task",
    "syscalls.rcore_state:Turn": "granted=b queue=wait:WaitQueue stage=b|i",
    "syscalls.signals:SignalWait": "deadline_ns=b|i|n task=task.task:Task",
    "syscalls.socket_io:Received": "files=T flags=b|i name=n|y sender=T|n size=b|i",
    "syscalls.socket_io:UserBytes": "buffers=syscalls.iovec:UserBuffers",
    "syscalls.socket_messages:_Header": (
        "address=b|i buffers=syscalls.iovec:UserBuffers control=? control_size=? name=? name_data=?"
    ),
    "syscalls.table:Row": "handler=C missing=s",
    "syscalls.transfer:Position": "address=b|i at=? file=n|vfs.file:File space=?",
    "syscalls.traps:Traps": "kernel=task.kernel:Kernel",
    "syscalls.xattrs:_Setting": "flags=b|i name=? value=?",
    "task.call_fault:CallFault": "delay_ns=b|i error=b|i interrupts=b|i limit=b|i no_memory=b signo=b|i until_ns=b|i",
    "task.exec:Program": "argv=L closes=b env=L execfn=y file=?",
    "task.fork:CloneArgs": "child_tid=b|i exit_signal=b|i flags=b|i parent_tid=b|i stack=b|i tls=b|i",
    "task.futex:FutexWait": "bitset=b|i deadline_ns=b|i|n key=T queue=wait:WaitQueue task=task.task:Task woken=b",
    "task.futex:Futexes": "_waiting=D",
    "task.job_control:Jobs": "kernel=task.kernel:Kernel",
    "task.kernel:Counters": (
        "exec=b|i faults=b|i forks=b|i killed_for_memory=b|i preempted=b|i signals=b|i switches=b|i "
        "unknown_calls=D"
    ),
    "task.kernel:Kernel": (
        "abis=D anon=? binfmt=? boot_id=n|y clock=? console=? controller=? counters=task.kernel:Counters "
        "default_abi=s domainname=y environment=L exit_status=b|i|n futexes=task.futex:Futexes hart=? hostname=y "
        "init=n|task.task:Task injector=? inotify_users=? ipc=? log=L log_cleared=b|i memfds=? "
        "memory=mm.memory:Memory mounts=? namespaces=? namespaces_made=b|i observer=? orphaned=D pipes=? "
        "process_limit=b|i processes=task.slots:SlotTable random=? root_ns=? sampler=? "
        "scheduler=task.scheduler:Scheduler sockets=? system_ns=b|i tasks=b|i traps=? vdso=?"
    ),
    "task.load:LoadAverage": "averages=T next_ns=?",
    "task.pid:Pid": "count=b|i exit_queue=n|wait:WaitQueue level=? numbers=T stashed=? tasks=T",
    "task.pid:PidNamespace": (
        "_by_number=D _sorted=L child_reaper=n|task.task:Task count=b|i dying=b inum=b|i last_pid=b|i level=b|i "
        "parent=n|task.pid:PidNamespace pid_max=?"
    ),
    "task.pid:RecyclingPidNamespace": "_free=L _next=b|i last_pid=?",
    "task.posix_timers:CpuWait": (
        "deadline_ns=b|i group=task.thread_group:ThreadGroup queue=wait:WaitQueue thread=n|task.task:Task"
    ),
    "task.posix_timers:ItimerCpu": (
        "deadline_ns=b|i group=task.thread_group:ThreadGroup interval_ns=b|i kernel_time=b"
    ),
    "task.posix_timers:PosixTimer": (
        "clock_id=b|i cpu_group=n|task.thread_group:ThreadGroup cpu_thread=n|task.task:Task deadline_ns=b|i|n "
        "group=task.thread_group:ThreadGroup id=b|i interval_ns=b|i notify=? overrun=b|i seq=b|i signo=b|i "
        "thread=n|task.task:Task value=b|i"
    ),
    "task.resources:Limits": "hard=? soft=?",
    "task.resources:Usage": (
        "in_blocks=b|i involuntary=b|i major_faults=b|i max_rss_pages=b|i minor_faults=b|i out_blocks=b|i "
        "rchar=b|i signals=b|i stime_ns=b|i syscr=b|i syscw=b|i utime_ns=b|i voluntary=b|i wchar=b|i"
    ),
    "task.rseq:Rseq": "address=b|i disturbed=b signature=b|i size=b|i stored=b",
    "task.scheduler:Scheduler": (
        "alarms=b|i at_rest=C|n current=n|task.task:Task kernel=task.kernel:Kernel last=n|task.task:Task "
        "load=task.load:LoadAverage load_due=b|i need_resched=b nice_ns=b|i rested_round=b|i runnable=Q "
        "running_since=b|i slices=n|task.slices:Slices spin_needs_ms=b spin_round=b|i spin_seen=b|i "
        "spin_until=b|i spinning=L timers=task.timers:TimerQueue turn_end=b|i vain_rests=b|i world=?"
    ),
    "task.scheduler:_Deadline": "task=task.task:Task",
    "task.signal:Pending": "bits=b|i infos=L",
    "task.signal:SigAction": "flags=b|i handler=b|i mask=b|i",
    "task.signal:SigInfo": (
        "addr=b|i code=b|i error=b|i from_above=b kind=s overrun=b|i pid=b|i raw=n|y signo=b|i source=? "
        "status=b|i stime=b|i timer=b|i uid=b|i utime=b|i value=b|i"
    ),
    "task.signal:SignalActions": "actions=L count=b|i",
    "task.slices:Slices": "state=b|i",
    "task.slots:Entry": "next_free=? owner=?",
    "task.slots:SlotTable": "entries=L first_free=? limit=b|i used=b|i",
    "task.task:Shared": "count=b|i it=?",
    "task.task:Task": (
        "abi=? abi_state=? alive=b altstack=T blocked=b|i call_nr=? clear_child_tid=b|i comm=y context=X "
        "cred=vfs.credentials:Credentials deadline_ns=b|i|n exec_done=b exit_code=b|i fds=vfs.fd_table:FdTable "
        "files_shared=n|task.task:Shared fs=vfs.fs_context:FsContext fs_shared=n|task.task:Shared "
        "group=task.thread_group:ThreadGroup in_call=b injected=n|task.call_fault:CallFault "
        "involuntary_switches=b|i io_priority=b|i kernel=task.kernel:Kernel lwp_slot=b|i "
        "mm=mm.address_space:AddressSpace|n nice=b|i no_new_privs=b ns_for_children=n|task.pid:PidNamespace "
        "pending=task.signal:Pending pid=task.pid:Pid policy=b|i queued=b queues=T real_blocked=b|i "
        "reset_on_fork=b restart=? resume=? robust_list=T rseq=n|task.rseq:Rseq rt_priority=b|i "
        "saved_blocked=b|i|n sighand=task.signal:SignalActions spin=b|i start_ns=? state=? timer_seq=b|i "
        "timer_slack_ns=b|i trace=n|task.trace_state:LwpTrace undo=? usage=b|i utime_ticks=b|i "
        "vfork_queue=n|wait:WaitQueue voluntary_switches=b|i wchan=b|i work=b"
    ),
    "task.thread_group:ThreadGroup": (
        "abi_state=? child_event=wait:WaitQueue child_usage=task.resources:Usage children=D continued=b "
        "coredump_filter=b|i cpu_timers=D did_exec=b dumpable=b|i ended_ns=b|i exit_code=b|i exit_signal=b|i "
        "exiting=b is_reaper=b is_subreaper=b itimer_prof=n|task.posix_timers:ItimerCpu "
        "itimer_real=n|task.timers:ItimerReal itimer_virtual=n|task.posix_timers:ItimerCpu "
        "kernel=task.kernel:Kernel leader=task.task:Task limits=task.resources:Limits live_threads=b|i "
        "lwps=task.slots:SlotTable next_timer_id=b|i no_huge_pages=b oom_score_adj=b|i "
        "parent=n|task.thread_group:ThreadGroup parent_death_signal=b|i pending=task.signal:Pending "
        "personality=b|i pgrp=task.pid:Pid pid=task.pid:Pid posix_timers=D reaped=b secret_execs=b|i "
        "session=task.pid:Pid shown_arguments=n|y signal_limit=b|i signal_queue=wait:WaitQueue slot=b|i "
        "start_ns=? stop_reported=b stop_signal=b|i stopped_ns=b|i stopping=b tell_continued=b terminal=? "
        "threads=L tracing=n|task.trace_state:ProcessTrace unprotected=b usage=task.resources:Usage "
        "wait_status=b|i zombie=b"
    ),
    "task.timers:ItimerReal": "deadline_ns=b|i group=task.thread_group:ThreadGroup interval_ns=b|i seq=b|i",
    "task.timers:TimerQueue": "_heap=L _live=D _seq=b|i",
    "task.trace_state:LwpTrace": (
        "abort=b call=T|n directed=b fault=T|n leaving=n|task.watched_calls:WatchedCall passed_pc=b|i|n "
        "passing=T|n result=b|i|n signal=n|task.signal:SigInfo step=b stop=T|n "
        "watched=n|task.watched_calls:WatchedCall"
    ),
    "task.trace_state:Passing": "after=T|n pages=T pc=b|i told=E",
    "task.trace_state:PendingFault": "cause=b|i epc=b|i fault=E info=task.signal:SigInfo seen=T|n tval=b|i",
    "task.trace_state:ProcessTrace": (
        "agent=n|task.task:Task entry=b|i exit=b|i faults=b|i modes=? signals=b|i stopped=wait:WaitQueue "
        "void_writers=b|i watches=L writers=b|i"
    ),
    "task.trace_state:Stop": "at_ns=b|i what=b|i why=E",
    "task.watched_calls:Area": "end=b|i flags=E start=b|i",
    "task.watched_calls:Seen": "access=E address=b|i after=b pc=b|i",
    "task.watched_calls:WatchedCall": "areas=? number=b|i pc=b|i result=b|i|n seen=T|n stores=L",
    "vfs.credentials:Credentials": (
        "cap_ambient=b|i cap_bounding=? cap_effective=? cap_inheritable=b|i cap_permitted=? egid=b|i euid=b|i "
        "fsgid=b|i fsuid=b|i gid=b|i groups=T securebits=b|i sgid=b|i suid=b|i uid=b|i used=b"
    ),
    "vfs.dentry:Dentry": "children=D deleted=b inode=vfs.inode:Inode mounted=b|i name=y parent=n|vfs.dentry:Dentry",
    "vfs.fd_table:FdTable": "cloexec=S files=D limit=b|i lowest=b|i reserved=S",
    "vfs.fd_table:Reservation": "numbers=L table=vfs.fd_table:FdTable",
    "vfs.file:File": (
        "count=b|i cred=vfs.credentials:Credentials flags=b|i inode=vfs.inode:Inode offset=b|i owner=? "
        "path=vfs.mount:Path readable=b watchers=D|n writable=b"
    ),
    "vfs.file:PathFile": "readable=b writable=b",
    "vfs.fs_context:FsContext": "cwd=? root=vfs.mount:Path umask=b|i",
    "vfs.inode:Inode": (
        "atime_ns=? btime_ns=? ctime_ns=? dead=? gid=b|i ino=? linkable=? locks=n|vfs.locks:FileLocks mapping=? "
        "mode=b|i mtime_ns=? nlink=? open_count=? rdev=b|i sb=vfs.super_block:SuperBlock size=b|i special=? "
        "uid=b|i writers=?"
    ),
    "vfs.inode:Stat": (
        "atime_ns=b|i blksize=b|i blocks=b|i btime_ns=b|i ctime_ns=b|i dev=b|i gid=b|i ino=b|i mode=b|i "
        "mtime_ns=b|i nlink=b|i rdev=b|i size=b|i uid=b|i"
    ),
    "vfs.locks:FileLocks": "flocks=D queue=wait:WaitQueue records=L waiting=D",
    "vfs.locks:RecordLock": "end=b|i owner=? pid=b|i start=b|i type=b|i",
    "vfs.mount:Mount": (
        "attached=b children=D flags=b|i id=? mountpoint=n|vfs.dentry:Dentry opens=b|i parent=n|vfs.mount:Mount "
        "root=vfs.dentry:Dentry sb=vfs.super_block:SuperBlock source=y table=vfs.mount:MountTable unbindable=b "
        "writers=b|i"
    ),
    "vfs.mount:MountTable": (
        "_changes=b|i caller=? change_queue=wait:WaitQueue changes=? detached=L last_cookie=b|i last_dev=b|i "
        "last_id=b|i mounts=D special=? types=D"
    ),
    "vfs.mount:Path": "dentry=vfs.dentry:Dentry mount=vfs.mount:Mount",
    "vfs.mount:_RootFs": "kept=b",
    "vfs.namei:Walk": (
        "cred=vfs.credentials:Credentials dentry=vfs.dentry:Dentry facts=T fresh=b last=y links=b|i "
        "mount=vfs.mount:Mount no_inode=b resolve=b|i root=? trailing=b wants_facts=b"
    ),
    "vfs.regular_file:DirectoryFile": "offset=?",
    "vfs.regular_file:RegularFile": "keeps_atime=? offset=? strict=b",
    "vfs.super_block:FileSystemType": "",
    "vfs.super_block:MountOptions": "values=D",
    "vfs.super_block:StatFs": (
        "bavail=b|i bfree=b|i blocks=b|i bsize=b|i ffree=b|i files=b|i flags=b|i fsid=b|i namelen=b|i type=b|i"
    ),
    "vfs.super_block:SuperBlock": (
        "block_size=b|i clock=? dev=b|i kept=b last_ino=b|i max_bytes=? readonly=b root=vfs.dentry:Dentry "
        "type_name=s watches=D|n"
    ),
    "wait:Progress": "done=b|i",
    "wait:Resume": "",
    "wait:WaitQueue": "waiters=D",
    "world:HostWorld": (
        "clock=? clock_was_set=C console=? disturbed=b end_ns=? expired=b leaving=b next_poll_ns=b|i outside=O "
        "source=fs.stream:HostInput tty=fs.console_tty:ConsoleTty|n visiting=b visitor=C|n visits=D waiting=b"
    ),
}
