using System.Net.Sockets;
using TcpAo.Linux.Sockets;
using TcpAo.Uapi;

namespace TcpAo.Linux.Tests.Sockets;

/// <summary>A socket whose options the engine's model of a kernel socket answers: the same bytes, without a kernel that has TCP-AO.</summary>
internal sealed class ModelSocket(SocketNamespace space, AddressFamily family = AddressFamily.InterNetwork, bool isDualMode = false) : OptionSocket
{
    public AoSocket Model { get; init; } = new(space);

    public SocketFacts Facts { get; set; } = new(family == AddressFamily.InterNetwork ? SocketFamily.Inet : SocketFamily.Inet6, TcpState.Closed) { MayRepair = true };

    /// <summary>Option, errno and the bytes of every set.</summary>
    public List<(TcpSocketOption Option, LinuxErrno Errno)> Sets { get; } = [];

    public override string Name => "model";

    public override AddressFamily Family => family;

    public override bool IsDualMode => isDualMode;

    public override TcpState State => Facts.State;

    public override bool MayHaveExtension { get; set; } = true;

    public ModelSocket In(TcpState state)
    {
        Facts = Facts with { State = state };
        return this;
    }

    public override int Set(TcpSocketOption option, ReadOnlySpan<byte> value)
    {
        UapiAnswer answer = Model.SetOption(option, value, value.Length, Facts);
        Sets.Add((option, answer.Errno));
        return (int)answer.Errno;
    }

    public override int Get(TcpSocketOption option, Span<byte> value, int length)
    {
        UapiAnswer answer = Model.GetOption(option, value[..length], length, Facts);
        foreach (UapiWrite write in answer.Writes)
        {
            write.Bytes.CopyTo(value[write.Offset..]);
        }

        return (int)answer.Errno;
    }
}
