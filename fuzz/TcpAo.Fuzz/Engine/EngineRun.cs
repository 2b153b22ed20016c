using TcpAo.Connections;
using TcpAo.Fuzz.Memory;
using TcpAo.Fuzz.Oracle;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Engine;

/// <summary>One script played on two engines, with the promises of each call checked.</summary>
internal sealed class EngineRun(PairSetup setup, bool isIPv6, GuardedMemory memory)
{
    private readonly EnginePair _pair = EnginePair.Create(setup);
    private readonly SegmentPlan _plan = new(isIPv6);
    private bool _hasMoved; // keys or clock changed: keys in use may follow at any segment

    /// <summary>Plays one step; see README.md for the numbers.</summary>
    public void Step(ref ScriptReader script)
    {
        byte operation = script.TakeByte();
        switch (operation & 7)
        {
            case 0:
                Receive(_pair.A, script.TakeBytes().ToArray());
                break;
            case 1:
                Send(_pair.A, script.TakeBytes().ToArray(), operation >> 3);
                break;
            case 2:
                Receive(_pair.A, Send(_pair.B, script.TakeBytes().ToArray(), AoEngine.MaxGrowth));
                break;
            case 3 or 4:
                bool fromA = (operation & 7) == 4;
                byte[] plain = _plan.Next(fromA, script.TakeByte(), script.TakeByte(), script.TakeByte());
                byte[] wire = Send(fromA ? _pair.A : _pair.B, plain, AoEngine.MaxGrowth);
                if ((operation & 0x80) == 0)
                {
                    Receive(fromA ? _pair.B : _pair.A, wire);
                }

                break;
            case 5:
                Tamper(_plan.Next(fromA: false, script.TakeByte(), script.TakeByte(), script.TakeByte()), script.TakeByte());
                break;
            case 6:
                _hasMoved = true;
                _pair.Advance(TimeSpan.FromMinutes((sbyte)script.TakeByte()), script.TakeByte() * 1000L);
                _pair.A.Tick(_pair.Time);
                _pair.B.Tick(_pair.Time);
                break;
            default:
                Control(operation >> 3, script.TakeByte());
                break;
        }
    }

    /// <summary>A segment of the peer with one bit of its header or data changed; a protected connection must refuse it.</summary>
    private void Tamper(byte[] plain, byte where)
    {
        byte[] wire = Send(_pair.B, plain, AoEngine.MaxGrowth);
        SlowPacket packet = SlowPacket.Read(wire, isCapture: false)!;
        int place = packet.TcpOffset + (where % packet.SegmentLength);
        bool isSequence = place - packet.TcpOffset is >= 4 and < 8;
        bool isPayload = place - packet.TcpOffset >= packet.HeaderLength;
        wire[place] ^= (byte)(1 << (where & 7));
        AoDecision decision = Receive(_pair.A, wire);
        bool isJudged = packet.Ao is not null && (isSequence || isPayload) && setup.Mode == PeerMode.Required;
        Check.That(!isJudged || decision.Verdict == AoVerdict.Drop, "a changed segment is refused");
    }

    private void Control(int what, byte parameter)
    {
        _hasMoved = true;
        switch (what % 5)
        {
            case 0:
                _pair.UseKeysOfA(parameter);
                break;
            case 1:
                _pair.UseKeysOfB(parameter);
                break;
            case 2:
                foreach (AoConnection connection in _pair.A.Connections.ToArray())
                {
                    _pair.A.Close(connection.Pair, _pair.Time);
                }

                break;
            case 3:
                foreach (AoConnection connection in _pair.A.Connections.ToArray())
                {
                    connection.SetCurrentKey(parameter);
                    connection.SetRNextKey((byte)(parameter >> 4));
                    connection.LockCurrentKey = (parameter & 0x40) != 0;
                    connection.LockRNextKey = (parameter & 0x80) != 0;
                }

                break;
            default:
                RestoreAll();
                break;
        }
    }

    private void RestoreAll()
    {
        foreach (AoConnection connection in _pair.A.Connections.ToArray())
        {
            ConnectionShot saved = ConnectionShot.Of(connection).WithoutKeys();
            if (_pair.A.Restore(connection.Save(), _pair.Time) is { } restored)
            {
                Check.Equal(saved.Saved, ConnectionShot.Of(restored).WithoutKeys().Saved);
            }
        }
    }

    /// <summary>Puts a packet through ProcessOutbound and returns what is on the wire then; a held packet is returned as it was.</summary>
    private byte[] Send(AoEngine engine, byte[] packet, int room)
    {
        Span<byte> buffer = memory.Take(packet.Length + room, GuardSide.Behind);
        packet.CopyTo(buffer);
        AoDecision decision = engine.ProcessOutbound(buffer, packet.Length, _pair.Context);
        Signals.Note(1, (int)decision.Verdict, (int)decision.Reason);
        Check.Equal(decision.Verdict == AoVerdict.Drop, decision.Reason != DropReason.None);
        if (decision.Verdict != AoVerdict.Rewrite)
        {
            Check.Equal(packet, buffer[..packet.Length]);
            return packet;
        }

        byte[] wire = buffer[..decision.Length].ToArray();
        SlowPacket? read = SlowPacket.Read(wire, isCapture: false);
        Check.That(read is not null && (read.Ao ?? read.Md5) is not null, "what is sent is signed");
        Check.Equal(read.End, wire.Length);
        Check.Equal(Checksums.IsTcpRight(packet), Checksums.IsTcpRight(wire));
        Check.Equal(Checksums.IsIPv4Right(packet), Checksums.IsIPv4Right(wire));
        return wire;
    }

    private AoDecision Receive(AoEngine engine, byte[] wire)
    {
        Dictionary<SocketPair, ConnectionShot> before = ConnectionShot.All(engine);
        Span<byte> buffer = memory.Copy(wire, GuardSide.Behind);
        AoDecision decision = engine.ProcessInbound(buffer, wire.Length, _pair.Context);
        Signals.Note(2, (int)decision.Verdict, (int)decision.Reason);
        if (decision.Verdict == AoVerdict.Rewrite)
        {
            SlowPacket? read = SlowPacket.Read(buffer[..decision.Length].ToArray(), isCapture: false);
            Check.That(read is { Ao: null }, "a stripped segment has no TCP-AO option");
        }
        else
        {
            Check.Equal(wire, buffer);
        }

        Dictionary<SocketPair, ConnectionShot> after = ConnectionShot.All(engine);
        Check.That(decision.Verdict != AoVerdict.Drop || before.Count == after.Count, "a refused segment makes and ends no connection");
        foreach ((SocketPair pair, ConnectionShot shot) in after)
        {
            Signals.Note(3, (int)shot.Saved.State, ((int)shot.Saved.Protection * 64) + (int)Math.Min(15, shot.Saved.ReceiveSne));
            if (before.TryGetValue(pair, out ConnectionShot old))
            {
                Signals.Note(4, (int)decision.Reason, ((int)old.Saved.State * 64) + ((int)old.Saved.Protection * 8) + (int)shot.Saved.State);
                CheckChange(decision, old, shot);
            }
        }

        return decision;
    }

    private void CheckChange(AoDecision decision, ConnectionShot old, ConnectionShot shot)
    {
        if (decision.Verdict == AoVerdict.Drop)
        {
            Check.Equal(_hasMoved ? old.WithoutKeys() : old, _hasMoved ? shot.WithoutKeys() : shot, $"state after {decision.Reason}");
        }

        if (old.Saved.RemoteIsn == shot.Saved.RemoteIsn && old.Saved.LocalIsn == shot.Saved.LocalIsn)
        {
            ulong oldMark = ((ulong)old.Saved.ReceiveSne << 32) | old.Saved.ReceiveSequence;
            ulong mark = ((ulong)shot.Saved.ReceiveSne << 32) | shot.Saved.ReceiveSequence;
            Check.That(mark >= oldMark, "the receive SNE never goes back");
        }
    }
}
