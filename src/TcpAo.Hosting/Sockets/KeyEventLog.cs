using Microsoft.Extensions.Logging;
using TcpAo.Linux.Sockets;

namespace TcpAo.Hosting.Sockets;

/// <summary>Events of a key manager as lines of the host's log. They have no secrets.</summary>
internal sealed partial class KeyEventLog(ILogger logger)
{
    public void Write(TcpAoKeyEvent told)
    {
        if (told.IsProblem)
        {
            LogProblem(told.Chain, told.Socket, told.Message, told.Kind);
        }
        else
        {
            LogChange(told.Chain, told.Socket, told.Message, told.Kind);
        }
    }

    [LoggerMessage(6103, LogLevel.Information, "Key chain {Chain}, {Socket}: {What} ({Kind})")]
    private partial void LogChange(string chain, string socket, string what, TcpAoKeyEventKind kind);

    [LoggerMessage(6104, LogLevel.Warning, "Key chain {Chain}, {Socket}: {What} ({Kind})")]
    private partial void LogProblem(string chain, string socket, string what, TcpAoKeyEventKind kind);
}
