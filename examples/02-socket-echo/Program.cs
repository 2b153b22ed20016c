using System.Net;
using SocketEcho;
using TcpAo.Crypto;
using TcpAo.Linux.Sockets;

// server PEER PORT | client SERVER PORT
if (args is not [("server" or "client") and var end, var address, var port] || !IPAddress.TryParse(address, out IPAddress? other) || !int.TryParse(port, out int number))
{
    Console.Error.WriteLine("usage: SocketEcho server PEER PORT | SocketEcho client SERVER PORT");
    return 2;
}

if (!TcpAoSupport.IsSupported)
{
    Console.Error.WriteLine(TcpAoSupport.Reason);
    return 4;
}

// an example, never a key
using Secret secret = Secret.FromText(Environment.GetEnvironmentVariable("ECHO_SECRET") ?? "an example, never a key");
Action<IPAddress, int, Secret> run = end is "server" ? Server.Run : Client.Run;
run(other, number, secret);
return 0;
