using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Seccomp;
using Xunit;

namespace TcpAo.Linux.Tests.Seccomp;

/// <summary>The filter, run by a small interpreter: for machines other than this one too.</summary>
public sealed class SeccompFilterTests
{
    private static readonly HashSet<SocketCallKind> s_connect = [SocketCallKind.Connect];
    private static readonly HashSet<SocketCallKind> s_nothing = [];

    private const uint X64 = 0xC000003E;
    private const uint X86 = 0x40000003;
    private const uint Arm64 = 0xC00000B7;
    private const uint Arm = 0x40000028;
    private const uint RiscV64 = 0xC00000F3;
    private const uint X32 = 0x40000000;
    private const uint Notify = 0x7fc00000;
    private const uint Allow = 0x7fff0000;
    private const uint Refuse = 0x00050001;

    [Theory]
    [InlineData(Architecture.X64, X64, 54u, 55u, 42u)]
    [InlineData(Architecture.X64, X64, X32 | 541, X32 | 542, X32 | 42)]
    [InlineData(Architecture.X64, X86, 366u, 365u, 362u)]
    [InlineData(Architecture.Arm64, Arm64, 208u, 209u, 203u)]
    [InlineData(Architecture.Arm64, Arm, 294u, 295u, 283u)]
    [InlineData(Architecture.RiscV64, RiscV64, 208u, 209u, 203u)]
    public void Filter_CallsOfAnInterface_StopsTheChosenOptionsAndConnect(Architecture machine, uint architecture, uint set, uint get, uint connect)
    {
        BpfInstruction[] filter = SeccompFilter.Build(SystemCallTable.Of(machine), [38, 42, 14], s_connect, refusesRings: true);
        Assert.All((uint[])[set, get], number => Assert.All((ulong[])[38, 42, 14, 0xFFFF_FFFF_0000_0026], option =>
        {
            Assert.True(Stops(filter, architecture, number, 5, 6, option));
            Assert.True(Stops(filter, architecture, number, 5, 0xFFFF_FFFF_0000_0006, option));
        }));
        Assert.True(Stops(filter, architecture, connect, 5));
        Assert.All((uint[])[set, get], number =>
        {
            Assert.False(Stops(filter, architecture, number, 5, 1, 38));
            Assert.False(Stops(filter, architecture, number, 5, 6, 1));
            Assert.False(Stops(filter, architecture, number, 38, 14, 6));
        });
        Assert.All(Enumerable.Range(0, 600).Select(number => (uint)number).Except([set, get, connect, 102u, 42u, 54u, 55u, 362u, 365u, 366u]), number => Assert.False(Stops(filter, architecture, number, 14, 6, 38)));

        BpfInstruction[] withoutConnect = SeccompFilter.Build(SystemCallTable.Of(machine), [38], s_nothing, refusesRings: true);
        Assert.False(Stops(withoutConnect, architecture, connect, 5));
        Assert.True(Stops(withoutConnect, architecture, set, 5, 6, 38));
    }

    [Fact]
    public void Filter_MultiplexedCalls_StopsThoseOfTheSameKinds()
    {
        BpfInstruction[] filter = SeccompFilter.Build(SystemCallTable.Of(Architecture.X64), [38], s_connect, refusesRings: true);
        Assert.Equal([3, 11, 14, 15, 16, 20], Enumerable.Range(0, 30).Where(call => Stops(filter, X86, 102, (ulong)call)));
        BpfInstruction[] withoutConnect = SeccompFilter.Build(SystemCallTable.Of(Architecture.X64), [38], s_nothing, refusesRings: true);
        Assert.Equal([14, 15], Enumerable.Range(0, 30).Where(call => Stops(withoutConnect, X86, 102, (ulong)call)));
        Assert.False(Stops(filter, X64, 102, 14));
    }

    [Theory]
    [InlineData(Architecture.X64, Arm64, 208u)]
    [InlineData(Architecture.X64, 0u, 54u)]
    [InlineData(Architecture.RiscV64, X64, 54u)]
    public void Filter_ForeignInterface_LetsThePass(Architecture machine, uint architecture, uint number) =>
        Assert.False(Stops(SeccompFilter.Build(SystemCallTable.Of(machine), [38], s_connect, refusesRings: true), architecture, number, 5, 6, 38));

    [Fact]
    public void Filter_ManyOptions_StaysWithinItsJumps()
    {
        int[] options = [.. Enumerable.Range(1000, 200)];
        BpfInstruction[] filter = SeccompFilter.Build(SystemCallTable.Of(Architecture.X64), options, s_connect, refusesRings: true);
        Assert.All(options, option => Assert.True(Stops(filter, X64, 54, 5, 6, (ulong)option)));
        Assert.False(Stops(filter, X64, 54, 5, 6, 1200));
        Assert.Throws<ArgumentOutOfRangeException>(() => SeccompFilter.Build(SystemCallTable.Of(Architecture.X64), [.. options, 1], s_connect, refusesRings: true));
    }

    [Fact]
    public void Tables_OfAMachineThatIsNotServed_AreRefused() => Assert.Throws<PlatformNotSupportedException>(() => SystemCallTable.Of(Architecture.S390x));

    [Theory]
    [InlineData(Architecture.X64, X64, 44u, 46u, 307u, 0u)]
    [InlineData(Architecture.X64, X64, X32 | 44, X32 | 518, X32 | 538, X32)]
    [InlineData(Architecture.X64, X86, 369u, 370u, 345u, 0u)]
    [InlineData(Architecture.Arm64, Arm64, 206u, 211u, 269u, 0u)]
    [InlineData(Architecture.Arm64, Arm, 290u, 296u, 374u, 0u)]
    [InlineData(Architecture.RiscV64, RiscV64, 206u, 211u, 269u, 0u)]
    public void Filter_OtherWaysToConnect_AreStoppedOrRefused(Architecture machine, uint architecture, uint sendTo, uint sendMessage, uint sendMessages, uint bit)
    {
        const ulong FastOpen = 0x2000_4000;
        BpfInstruction[] filter = SeccompFilter.Build(SystemCallTable.Of(machine), [38], s_connect, refusesRings: true);
        Assert.True(Stops(filter, architecture, sendTo, 5, 1, 2, FastOpen));
        Assert.True(Stops(filter, architecture, sendMessage, 5, 1, FastOpen));
        Assert.True(Stops(filter, architecture, sendMessages, 5, 1, 2, FastOpen));
        Assert.All((uint[])[sendTo, sendMessage, sendMessages], number => Assert.Equal(Allow, Run(filter, architecture, number, 5, FastOpen, 0x4000, 0x4000)));

        Assert.All((uint[])[425, 426, 427], number => Assert.Equal(Refuse, Run(filter, architecture, number | bit)));
        BpfInstruction[] open = SeccompFilter.Build(SystemCallTable.Of(machine), [38], s_nothing, refusesRings: false);
        Assert.All((uint[])[425, 426, 427], number => Assert.Equal(Allow, Run(open, architecture, number | bit)));
        Assert.Equal(Allow, Run(open, architecture, sendTo, 5, 1, 2, FastOpen));
    }

    private static bool Stops(BpfInstruction[] filter, uint architecture, uint number, params ulong[] arguments) => Run(filter, architecture, number, arguments) == Notify;

    /// <summary>The instructions that the filter is made of, over struct seccomp_data.</summary>
    private static uint Run(BpfInstruction[] filter, uint architecture, uint number, params ulong[] arguments)
    {
        var data = new byte[64];
        BitConverter.TryWriteBytes(data, number);
        BitConverter.TryWriteBytes(data.AsSpan(4), architecture);
        for (int i = 0; i < arguments.Length; i++)
        {
            BitConverter.TryWriteBytes(data.AsSpan(16 + (i * 8)), arguments[i]);
        }

        uint accumulator = 0;
        for (int at = 0; ; at++)
        {
            BpfInstruction instruction = filter[at];
            switch (instruction.Code)
            {
                case 0x20:
                    accumulator = BitConverter.ToUInt32(data, (int)instruction.K);
                    break;
                case 0x15:
                    at += accumulator == instruction.K ? instruction.IfTrue : instruction.IfFalse;
                    break;
                case 0x35:
                    at += accumulator >= instruction.K ? instruction.IfTrue : instruction.IfFalse;
                    break;
                case 0x45:
                    at += (accumulator & instruction.K) != 0 ? instruction.IfTrue : instruction.IfFalse;
                    break;
                case 0x06:
                    return instruction.K;
                default:
                    Assert.Fail($"instruction {instruction.Code:x}");
                    break;
            }
        }
    }
}
