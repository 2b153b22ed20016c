using System.Net;
using System.Net.Sockets;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>A connection from a host that has not got the key.</summary>
/// <param name="name">What it is.</param>
/// <param name="port">The port with that mistake.</param>
/// <param name="refusal">What TcpAo says of it.</param>
internal sealed class StrangerAttack(string name, int port, string refusal) : IAttack
{
    public string Name => name;

    public string Run(AttackStage stage)
    {
        if (!stage.IsProtected)
        {
            using LabSession session = LabSession.Open(stage.Network, port);
            session.Exchange();
            return "a session came up";
        }

        using Socket listener = stage.Network.B.Listen(port);
        using Socket socket = stage.Network.A.Tcp(isIPv6: false);
        socket.Bind(new IPEndPoint(stage.Network.A.V4, 0));
        Task connect = socket.ConnectAsync(new IPEndPoint(stage.Network.B.V4, port));
        stage.Network.RunB.WaitFor($"{socket.LocalEndPoint}:", refusal);
        if (connect.IsCompletedSuccessfully || stage.Network.Tap.Find(segment => segment.SourcePort == port && segment.Is(TcpFlags.Syn)).Count > 0)
        {
            throw new LabFailureException("the connection was answered");
        }

        return $"never up; the log says: {refusal}";
    }
}
