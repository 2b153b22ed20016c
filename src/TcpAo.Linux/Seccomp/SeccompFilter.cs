// Classic BPF over struct seccomp_data: seccomp(2), linux/filter.h.
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>
/// Writes the filter that stops a program in setsockopt(2) and getsockopt(2) of chosen options at level IPPROTO_TCP and in chosen other calls, and lets every other
/// call pass. Calls of an interface that no table knows pass too: there the kernel itself answers, and without TCP-AO that is a refusal.
/// </summary>
internal sealed class SeccompFilter
{
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfNotLess = 0x35;
    private const ushort JumpIfAny = 0x45;
    private const ushort Return = 0x06;

    // struct seccomp_data; the halves that matter are the low ones
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint ArgumentsOffset = 16;
    private const uint ArgumentLength = 8;

    private const string Notify = "notify";
    private const string NotifyOption = "notify option";
    private const string Option = "option";
    private const string Multiplexed = "multiplexed";
    private const string SendWithFlagsThird = "send with flags third";
    private const string SendWithFlagsFourth = "send with flags fourth";
    private const string Refuse = "refuse";

    private readonly List<(ushort Code, uint K, string? IfTrue)> _lines = [];
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);

    private SeccompFilter()
    {
    }

    /// <summary>Writes a filter.</summary>
    /// <param name="tables">The interfaces that it knows, the usual one first.</param>
    /// <param name="options">Names of options at level IPPROTO_TCP, 200 at most.</param>
    /// <param name="watched">Which of connect(2), listen(2) and open(2) it stops.</param>
    /// <param name="refusesRings">Whether the calls of io_uring fail with EPERM, as they do where the administrator has switched it off.</param>
    public static BpfInstruction[] Build(IReadOnlyList<SystemCallTable> tables, IReadOnlyCollection<int> options, IReadOnlySet<SocketCallKind> watched, bool refusesRings)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Count, 200);
        SeccompFilter filter = new();
        filter.Write(tables, options, watched, refusesRings);
        return filter.Assemble();
    }

    private static uint Argument(uint index) => ArgumentsOffset + (index * ArgumentLength);

    private void Write(IReadOnlyList<SystemCallTable> tables, IReadOnlyCollection<int> options, IReadOnlySet<SocketCallKind> watched, bool refusesRings)
    {
        bool watchesConnect = watched.Contains(SocketCallKind.Connect);
        IGrouping<uint, SystemCallTable>[] interfaces = [.. tables.GroupBy(table => table.Architecture)];
        Add(LoadWord, ArchitectureOffset);
        foreach (IGrouping<uint, SystemCallTable> of in interfaces)
        {
            Add(JumpIfEqual, of.Key, $"{of.Key}");
        }

        Add(Return, Libc.SECCOMP_RET_ALLOW);
        foreach (IGrouping<uint, SystemCallTable> of in interfaces)
        {
            Label($"{of.Key}");
            Add(LoadWord, NumberOffset);
            foreach (SystemCallTable table in of)
            {
                Add(JumpIfEqual, table.SetOption, Option);
                Add(JumpIfEqual, table.GetOption, Option);
                AddIf(watchesConnect, table.Connect);
                AddIf(watchesConnect, table.SendMessage, SendWithFlagsThird);
                AddIf(watchesConnect, table.SendTo, SendWithFlagsFourth);
                AddIf(watchesConnect, table.SendMessages, SendWithFlagsFourth);
                AddIf(watched.Contains(SocketCallKind.Listen), table.Listen);
                foreach (uint number in (ReadOnlySpan<uint>)[SystemCallTable.RingSetup, SystemCallTable.RingEnter, SystemCallTable.RingRegister])
                {
                    AddIf(refusesRings, number | (table.Connect & SystemCallTable.X32), Refuse);
                }

                if (watched.Contains(SocketCallKind.OpenFile))
                {
                    Add(JumpIfEqual, table.OpenAt, Notify);
                    Add(JumpIfEqual, SystemCallTable.OpenAt2, Notify);
                    AddIf(table.Open is not null, table.Open ?? 0);
                }

                if (table.Multiplexer is { } multiplexer)
                {
                    Add(JumpIfEqual, multiplexer, Multiplexed);
                }
            }

            Add(Return, Libc.SECCOMP_RET_ALLOW);
        }

        if (watchesConnect)
        {
            // a connection begins with them too
            Label(SendWithFlagsThird);
            Add(LoadWord, Argument(2));
            Add(JumpIfAny, Libc.MSG_FASTOPEN, Notify);
            Add(Return, Libc.SECCOMP_RET_ALLOW);
            Label(SendWithFlagsFourth);
            Add(LoadWord, Argument(3));
            Add(JumpIfAny, Libc.MSG_FASTOPEN, Notify);
            Add(Return, Libc.SECCOMP_RET_ALLOW);
        }

        if (refusesRings)
        {
            Label(Refuse);
            Add(Return, Libc.SECCOMP_RET_ERRNO | Errno.EPERM);
        }

        // its further arguments are in memory, which a filter does not see
        Label(Multiplexed);
        Add(LoadWord, Argument(0));
        Add(JumpIfEqual, SystemCallTable.SYS_SETSOCKOPT, Notify);
        Add(JumpIfEqual, SystemCallTable.SYS_GETSOCKOPT, Notify);
        foreach (uint call in (ReadOnlySpan<uint>)[SystemCallTable.SYS_CONNECT, SystemCallTable.SYS_SENDTO, SystemCallTable.SYS_SENDMSG, SystemCallTable.SYS_SENDMMSG])
        {
            AddIf(watchesConnect, call);
        }

        AddIf(watched.Contains(SocketCallKind.Listen), SystemCallTable.SYS_LISTEN);

        Add(Return, Libc.SECCOMP_RET_ALLOW);

        // within reach of what comes before; jumps are short
        Label(Notify);
        Add(Return, Libc.SECCOMP_RET_USER_NOTIF);

        // level and name are ints: the kernel does not look at the high halves either
        Label(Option);
        Add(LoadWord, Argument(1));
        Add(JumpIfEqual, Libc.SOL_TCP, "tcp");
        if (watched.Contains(SocketCallKind.ReadError))
        {
            Add(JumpIfEqual, Libc.SOL_SOCKET, "socket");
        }

        Add(Return, Libc.SECCOMP_RET_ALLOW);
        Label("tcp");
        Add(LoadWord, Argument(2));

        // most programs set the low numbers alone, such as TCP_NODELAY
        Add(JumpIfNotLess, (uint)options.DefaultIfEmpty().Min(), "candidate");
        Add(Return, Libc.SECCOMP_RET_ALLOW);
        Label("candidate");
        foreach (int option in options)
        {
            Add(JumpIfEqual, (uint)option, NotifyOption);
        }

        Add(Return, Libc.SECCOMP_RET_ALLOW);
        if (watched.Contains(SocketCallKind.ReadError))
        {
            Label("socket");
            Add(LoadWord, Argument(2));
            Add(JumpIfEqual, Libc.SO_ERROR, NotifyOption);
            Add(Return, Libc.SECCOMP_RET_ALLOW);
        }

        Label(NotifyOption);
        Add(Return, Libc.SECCOMP_RET_USER_NOTIF);
    }

    private void Add(ushort code, uint k, string? ifTrue = null) => _lines.Add((code, k, ifTrue));

    private void AddIf(bool isWatched, uint number, string label = Notify)
    {
        if (isWatched)
        {
            Add(JumpIfEqual, number, label);
        }
    }

    private void Label(string name) => _labels.Add(name, _lines.Count);

    private BpfInstruction[] Assemble()
    {
        var instructions = new BpfInstruction[_lines.Count];
        for (int i = 0; i < instructions.Length; i++)
        {
            (ushort code, uint k, string? ifTrue) = _lines[i];
            byte skipped = ifTrue is null ? (byte)0 : checked((byte)(_labels[ifTrue] - i - 1));
            instructions[i] = new BpfInstruction { Code = code, IfTrue = skipped, K = k };
        }

        return instructions;
    }
}
