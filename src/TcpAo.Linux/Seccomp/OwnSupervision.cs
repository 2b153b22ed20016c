using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>Puts this process under the filter that supervised programs are under: all its threads, and for good.</summary>
internal static unsafe class OwnSupervision
{
    /// <summary>Begins. Until the listener is with somebody who answers, threads wait in the calls that are stopped; once nobody has it any more they fail with ENOSYS.</summary>
    /// <param name="options">As <see cref="ProgramStart.Options"/>.</param>
    /// <returns>The listener.</returns>
    /// <exception cref="LinuxException">The kernel did not take the filter; nothing has changed but NO_NEW_PRIVS.</exception>
    public static SafeDescriptor Begin(IReadOnlyCollection<int> options)
    {
        HashSet<SocketCallKind> watched = [SocketCallKind.Connect, SocketCallKind.Listen];
        BpfInstruction[] filter = SeccompFilter.Build(SystemCallTable.OfThisMachine, options, watched, refusesRings: true);
        fixed (BpfInstruction* instructions = filter)
        {
            BpfProgram program = new() { Length = (ushort)filter.Length, Instructions = instructions };
            int listener = Libc.FilterThisProcess(&program);
            return listener >= 0
                ? new SafeDescriptor(listener)
                : throw new LinuxException(-listener, listener == -Errno.EBUSY
                    ? "Another program supervises this process by seccomp already."
                    : "The kernel did not take the filter for this process' calls; it needs CONFIG_SECCOMP_FILTER and Linux 5.9.");
        }
    }
}
