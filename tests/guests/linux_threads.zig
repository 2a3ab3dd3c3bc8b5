// Threads of a language with a run-time system of its own: no C library, system calls made directly.
const std = @import("std");

threadlocal var own: u32 = 7;
var sum = std.atomic.Value(u32).init(0);
var turn = std.atomic.Value(u32).init(0);

fn work(number: u32) void {
    if (own != 7) @panic("not its own");
    own = number;
    for (0..1000) |_| _ = sum.fetchAdd(1, .monotonic);
    while (turn.load(.acquire) != number) std.Thread.yield() catch {};
    if (own != number) @panic("not its own any more");
    turn.store(number + 1, .release);
}

pub fn main() !void {
    var threads: [64]std.Thread = undefined;
    for (&threads, 0..) |*thread, number| thread.* = try std.Thread.spawn(.{}, work, .{@as(u32, @intCast(number))});
    for (threads) |thread| thread.join();
    if (turn.load(.acquire) != 64 or own != 7) return error.Wrong;
    std.debug.print("{d}\n", .{sum.load(.acquire)});
}
