using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Capture;

/// <summary>An address and a port of a captured segment.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port.</param>
public readonly record struct CaptureEndpoint(IpAddressBits Address, ushort Port)
{
    /// <summary><c>192.0.2.1:179</c> or <c>[2001:db8::1]:179</c>.</summary>
    public override string ToString() => SocketPair.Format(Address, Port);

    /// <summary>A total order, so that the two ends of a connection have one spelling.</summary>
    internal static bool IsLess(in CaptureEndpoint a, in CaptureEndpoint b)
    {
        if (a.Address.High != b.Address.High)
        {
            return a.Address.High < b.Address.High;
        }

        return a.Address.Low != b.Address.Low ? a.Address.Low < b.Address.Low : a.Port < b.Port;
    }
}
