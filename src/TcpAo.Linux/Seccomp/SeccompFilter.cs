// Classic BPF over struct seccomp_data: seccomp(2), linux/filter.h.
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>
/// Writes the filter that stops a program in connect(2), and in setsockopt(2) and getsockopt(2) of chosen options at level IPPROTO_TCP, and lets every other
/// call pass. Calls of an interface that no table knows pass too: there the kernel itself answers, and without TCP-AO that is a refusal.
/// </summary>
internal sealed class SeccompFilter
{
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfNotLess = 0x35;
    private const ushort Return = 0x06;

    // struct seccomp_data; the halves that matter are the low ones
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint ArgumentsOffset = 16;
    private const uint ArgumentLength = 8;

    private const string Notify = "notify";
    private const string Option = "option";
    private const string Multiplexed = "multiplexed";

    private readonly List<(ushort Code, uint K, string? IfTrue)> _lines = [];
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);

    private SeccompFilter()
    {
    }

    /// <summary>Writes a filter.</summary>
    /// <param name="tables">The interfaces that it knows, the usual one first.</param>
    /// <param name="options">Names of options at level IPPROTO_TCP, 200 at most.</param>
    /// <param name="watchesConnect">Whether it stops connect(2).</param>
    public static BpfInstruction[] Build(IReadOnlyList<SystemCallTable> tables, IReadOnlyCollection<int> options, bool watchesConnect)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Count, 200);
        SeccompFilter filter = new();
        filter.Write(tables, options, watchesConnect);
        return filter.Assemble();
    }

    private static uint Argument(uint index) => ArgumentsOffset + (index * ArgumentLength);

    private void Write(IReadOnlyList<SystemCallTable> tables, IReadOnlyCollection<int> options, bool watchesConnect)
    {
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
                if (watchesConnect)
                {
                    Add(JumpIfEqual, table.Connect, Notify);
                }

                if (table.Multiplexer is { } multiplexer)
                {
                    Add(JumpIfEqual, multiplexer, Multiplexed);
                }
            }

            Add(Return, Libc.SECCOMP_RET_ALLOW);
        }

        // its further arguments are in memory, which a filter does not see
        Label(Multiplexed);
        Add(LoadWord, Argument(0));
        Add(JumpIfEqual, SystemCallTable.SYS_SETSOCKOPT, Notify);
        Add(JumpIfEqual, SystemCallTable.SYS_GETSOCKOPT, Notify);
        if (watchesConnect)
        {
            Add(JumpIfEqual, SystemCallTable.SYS_CONNECT, Notify);
        }

        Add(Return, Libc.SECCOMP_RET_ALLOW);

        // level and name are ints: the kernel does not look at the high halves either
        Label(Option);
        Add(LoadWord, Argument(1));
        Add(JumpIfEqual, Libc.SOL_TCP, "tcp");
        Add(Return, Libc.SECCOMP_RET_ALLOW);
        Label("tcp");
        Add(LoadWord, Argument(2));

        // most programs set the low numbers alone, such as TCP_NODELAY
        Add(JumpIfNotLess, (uint)options.DefaultIfEmpty().Min(), "candidate");
        Add(Return, Libc.SECCOMP_RET_ALLOW);
        Label("candidate");
        foreach (int option in options)
        {
            Add(JumpIfEqual, (uint)option, Notify);
        }

        Add(Return, Libc.SECCOMP_RET_ALLOW);
        Label(Notify);
        Add(Return, Libc.SECCOMP_RET_USER_NOTIF);
    }

    private void Add(ushort code, uint k, string? ifTrue = null) => _lines.Add((code, k, ifTrue));

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
