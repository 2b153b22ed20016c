using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace TcpAo.Cli.Bench.DataPath;

/// <summary>The two ends of a connection over a wire, both in this process.</summary>
internal static class Ends
{
    private const int Chunk = 256 * 1024;
    private const int Timeout = 60_000;

    /// <summary>Opens a connection from A to a port of B, at its first address unless said.</summary>
    public static (Socket A, Socket B) Open(VethPair wire, int port, IPAddress? address = null)
    {
        using Socket listener = Listen(wire, port, address);
        return Open(wire, listener);
    }

    /// <summary>A socket of B that listens.</summary>
    private static Socket Listen(VethPair wire, int port, IPAddress? address) => wire.B.Run(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address ?? VethPair.AddressOfB, port));
        socket.Listen(1024);
        return socket;
    });

    /// <summary>Opens one more connection to a socket of B.</summary>
    private static (Socket A, Socket B) Open(VethPair wire, Socket listener)
    {
        Socket a = wire.A.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = Timeout, SendTimeout = Timeout });
        a.Connect(listener.LocalEndPoint!);
        Socket b = listener.Accept();
        b.NoDelay = true;
        b.ReceiveTimeout = Timeout;
        b.SendTimeout = Timeout;
        return (a, b);
    }

    /// <summary>Sends bytes from A to B over a fresh connection.</summary>
    /// <returns>Mbit/s as B got them.</returns>
    public static double Throughput(VethPair wire, int port, long bytes, IPAddress? address = null)
    {
        (Socket a, Socket b) = Open(wire, port, address);
        using (a)
        using (b)
        {
            Task send = Task.Factory.StartNew(
                () =>
                {
                    byte[] chunk = new byte[Chunk];
                    for (long left = bytes; left > 0;)
                    {
                        left -= a.Send(chunk, (int)Math.Min(chunk.Length, left), SocketFlags.None);
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            byte[] buffer = new byte[Chunk];
            long began = Stopwatch.GetTimestamp();
            for (long got = 0; got < bytes;)
            {
                int received = b.Receive(buffer);
                got += received > 0 ? received : throw new InvalidOperationException("the connection ended");
            }

            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            send.Wait();
            return bytes * 8 / seconds / 1e6;
        }
    }

    /// <summary>One byte goes and another comes back, many times.</summary>
    /// <returns>Minimum and median of the round-trip times in microseconds.</returns>
    public static (double Minimum, double Median) RoundTrips(VethPair wire, int port, int count, IPAddress? address = null)
    {
        (Socket a, Socket b) = Open(wire, port, address);
        using (a)
        using (b)
        {
            Task echo = Task.Factory.StartNew(
                () =>
                {
                    byte[] one = new byte[1];
                    while (b.Receive(one) == 1)
                    {
                        b.Send(one);
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            byte[] buffer = new byte[1];
            double[] times = new double[count];
            for (int i = 0; i < count; i++)
            {
                long began = Stopwatch.GetTimestamp();
                a.Send(buffer);
                a.Receive(buffer);
                times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            }

            a.Shutdown(SocketShutdown.Send);
            echo.Wait();
            Array.Sort(times);
            return (times[0], times[count / 2]);
        }
    }
}
