// sd_notify(3), the protocol: a datagram of lines to the Unix socket that $NOTIFY_SOCKET names.

using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace TcpAo.Hosting.Control;

/// <summary>
/// Tells the service manager how the program is (Type=notify, WatchdogSec=). Without a socket to tell it does nothing. A manager that does not listen is no
/// reason to stop.
/// </summary>
public sealed class SdNotify : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _manager;
    private readonly long _interval;
    private long _nextBeat;

    /// <summary>Creates one.</summary>
    /// <param name="address">$NOTIFY_SOCKET: a path, or <c>@</c> and an abstract name; null or empty for nobody.</param>
    /// <param name="watchdogMicroseconds">$WATCHDOG_USEC: the longest silence; null for any.</param>
    public SdNotify(string? address, long? watchdogMicroseconds = null)
    {
        // vsock: and the like are for virtual machines
        if (address is not { Length: > 1 } || address[0] is not ('/' or '@'))
        {
            return;
        }

        _manager = new UnixDomainSocketEndPoint(address[0] == '@' ? $"\0{address[1..]}" : address);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };

        // twice as often as asked for
        _interval = watchdogMicroseconds is > 0 and var longest ? Math.Max(1, longest / 2 * (Stopwatch.Frequency / 1_000_000)) : 0;
    }

    /// <summary>What the environment of the process asks for.</summary>
    public static SdNotify FromEnvironment()
    {
        // WATCHDOG_PID names who is meant, where it is not us by inheritance
        bool isMeant = Environment.GetEnvironmentVariable("WATCHDOG_PID") is not { Length: > 0 } process
            || string.Equals(process, Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        long? watchdog = isMeant && long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), out long microseconds) ? microseconds : null;
        return new SdNotify(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), watchdog);
    }

    /// <summary>Rules stand and queues are bound, or a reload is over.</summary>
    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>A reload begins.</summary>
    public void Reloading() => Send($"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}");

    /// <summary>The end begins.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>The data plane is alive: passed on as often as the manager wants to hear it. From any thread; cheap.</summary>
    public void Beat()
    {
        if (_interval == 0)
        {
            return;
        }

        long now = Stopwatch.GetTimestamp();
        long next = Interlocked.Read(ref _nextBeat);
        if (now >= next && Interlocked.CompareExchange(ref _nextBeat, now + _interval, next) == next)
        {
            Send("WATCHDOG=1");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private void Send(string message)
    {
        try
        {
            _socket?.SendTo(Encoding.UTF8.GetBytes(message), _manager!);
        }
        catch (SocketException)
        {
            // the manager is gone or slow; it decides what that means
        }
    }
}
