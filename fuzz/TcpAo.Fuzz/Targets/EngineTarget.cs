using TcpAo.Fuzz.Engine;
using TcpAo.Fuzz.Memory;
using TcpAo.Fuzz.Seeds;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Targets;

/// <summary>
/// <see cref="AoEngine"/> and its peer under a script: two bytes of setup, then steps. Never throws; a refused segment changes no state; a changed
/// one is refused; what is sent can be read and is signed.
/// </summary>
internal sealed class EngineTarget : IFuzzTarget
{
    private const int MaxSteps = 64;

    // steps of the peer's and of our own segments
    private const byte FromB = 3;
    private const byte FromA = 4;

    private readonly GuardedMemory _memory = new(TargetRunner.MaxInput + 64);

    public string Name => "engine";

    public IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] open = [FromA, 1, 0, 0, FromB, 2, 0, 0, FromA, 0, 0, 0, FromB, 0, 0, 9, FromA, 3, 0, 40];
            byte[] openedByPeer = [FromB, 1, 0, 0, FromA, 2, 0, 0, FromB, 0, 0, 0, FromA, 0, 0, 9, FromB, 3, 0, 40];
            byte[] simultaneous = [FromA | 0x80, 1, 0, 0, FromB, 0x41, 0, 0, FromB, 2, 0, 0, FromA, 2, 0, 0];
            byte[] changes = [5, 3, 0, 9, 25, 6, 11, 2, FromA, 3, 0, 9, 7, 1, 15, 1, FromB, 3, 0, 9, FromA, 3, 4, 9, FromA, 3, 4, 9, FromA, 3, 4, 9, FromA, 3, 4, 9];
            byte[] end = [7 + (4 * 8), 0, FromB, 4, 0, 0, 7 + (2 * 8), 0, FromB, 6, 0, 0, 6, 0, 200];
            for (byte first = 0; first < 64; first += 7)
            {
                yield return [first, 0, .. open, .. changes, .. end];
                yield return [first, 5, .. openedByPeer, .. changes, .. end];
                yield return [first, 0, .. simultaneous, .. changes];
            }

            yield return [0xC0, 0, .. open, .. end];
            foreach (byte[] packet in SeedPackets.All)
            {
                yield return [0x10, 0, .. open, .. Raw(0, packet), .. Raw(1 + (20 * 8), packet), .. Raw(2, packet), .. Raw(0, IcmpTarget.Wrap(packet, 3, 3))];
            }

            byte[] signedSyn = SeedPackets.IPv4(SeedPackets.Segment(SeedPackets.Ao(36), [], TcpFlags.Syn));
            yield return [0, 0, .. Raw(0, signedSyn), .. openedByPeer];
        }
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        ScriptReader script = new(input);
        byte first = script.TakeByte();
        byte second = script.TakeByte();
        EngineRun run = new(PairSetup.From(first, second), isIPv6: (second & 4) != 0, _memory);
        for (int i = 0; i < MaxSteps && !script.IsEmpty; i++)
        {
            run.Step(ref script);
        }
    }

    private static byte[] Raw(byte operation, byte[] packet) => [operation, (byte)(packet.Length >> 8), (byte)packet.Length, .. packet];
}
