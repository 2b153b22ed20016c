using TcpAo.Uapi;

namespace TcpAo.Tests.Uapi;

/// <summary>One row of the tables in <see cref="SocketErrnoTests"/>.</summary>
/// <param name="Source">Where it is from: a section of linux-uapi, or a requirement.</param>
/// <param name="Name">The situation and the call.</param>
/// <param name="Errno">The answer.</param>
/// <param name="Call">Sets the situation up on a new socket, and makes the call.</param>
internal sealed record Situation(string Source, string Name, LinuxErrno Errno, Func<LinuxErrno> Call);
