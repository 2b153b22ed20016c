using System.Net.Sockets;
using TcpAo.Linux.Diagnostics;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>Two hosts and somebody on the link between them who sees every segment, and may add to them and take away from them.</summary>
/// <param name="network">The hosts.</param>
/// <param name="isProtected">Whether TcpAo runs in both.</param>
internal sealed class AttackStage(LabNetwork network, bool isProtected)
{
    public const int Port = 179;

    /// <summary>Where A has another secret than B.</summary>
    public const int WrongKeyPort = 180;

    /// <summary>Where B protects and A does not.</summary>
    public const int UnsignedPort = 181;

    /// <summary>How often each form of a forged segment is sent where it must fail.</summary>
    private const int Volley = 50;

    public LabNetwork Network { get; } = network;

    public bool IsProtected { get; } = isProtected;

    /// <summary>A connection that has carried something both ways, at rest.</summary>
    public LabSession Open(Action<Socket>? prepare = null, int exchange = 1000)
    {
        LabSession session = LabSession.Open(Network, Port, prepare: prepare);
        session.Exchange(exchange);
        WaitForRest(session);
        return session;
    }

    /// <summary>Nothing is on its way any more.</summary>
    public static void WaitForRest(LabSession session) =>
        LabWait.Until(() => TcpRepair.UnacknowledgedBy(session.A) == 0 && TcpRepair.UnacknowledgedBy(session.B) == 0, "all was acknowledged");

    /// <summary>The last segment of one end.</summary>
    public LabSegment Last(LabSession session, bool isFromA) =>
        Network.Tap.Find(segment => segment.IsFromA == isFromA && segment.HasPorts(session.PortOfA, session.PortOfB))[^1];

    /// <summary>The sequence number that one end uses next.</summary>
    public uint Next(LabSession session, bool isFromA) => Next(session.PortOfA, session.PortOfB, isFromA);

    /// <summary>The sequence number that one end uses next.</summary>
    public uint Next(int portOfA, int portOfB, bool isFromA)
    {
        List<LabSegment> sent = Network.Tap.Find(segment => segment.IsFromA == isFromA && segment.HasPorts(portOfA, portOfB));
        return sent.Aggregate(sent[^1].End, (next, segment) => (int)(segment.End - next) > 0 && !segment.Is(TcpFlags.Syn) ? segment.End : next);
    }

    /// <summary>Sends a forged segment to an end: once where it is to succeed, many times, unsigned and with a guessed MAC, where it must fail.</summary>
    /// <param name="isToA">Which end.</param>
    /// <param name="pattern">A segment of the end that it seems to come from.</param>
    /// <param name="make">Makes it, given TCP options.</param>
    public void Strike(bool isToA, LabSegment pattern, Func<byte[], byte[]> make)
    {
        Inject(make([]), isToA);
        for (int i = 1; i < Volley && IsProtected; i++)
        {
            Inject(make([]), isToA);
            Inject(make(Forge.GuessedOption(pattern)), isToA);
        }
    }

    /// <summary>Sends a frame to an end.</summary>
    public void Inject(byte[] frame, bool isToA)
    {
        if (!Network.Link.Inject(frame, isToA))
        {
            throw new LabFailureException("the link did not take a forged frame");
        }
    }

    /// <summary>Waits until an attack has done its harm; or, where TcpAo is, until it was refused, and then that it has done none.</summary>
    /// <param name="session">The connection that was attacked.</param>
    /// <param name="isOfA">Whether A was.</param>
    /// <param name="hasEffect">Whether it has done its harm.</param>
    /// <param name="effect">The harm, in words.</param>
    /// <param name="refusal">What TcpAo says of it.</param>
    /// <returns>What happened.</returns>
    public string Await(LabSession session, bool isOfA, Func<bool> hasEffect, string effect, string refusal = "refused")
    {
        if (!IsProtected)
        {
            LabWait.Until(hasEffect, $"this would happen without TcpAo: {effect}");
            return effect;
        }

        // the words show that it was seen; what is exchanged then has come behind it through the same queue
        (isOfA ? Network.RunA : Network.RunB).WaitFor($"{Network.A.V4}:{session.PortOfA}", refusal);
        session.Exchange();
        return hasEffect() ? throw new LabFailureException($"in spite of TcpAo: {effect}") : "refused, the session goes on";
    }
}
