using System.Collections.Concurrent;
using TcpAo.Linux.Seccomp;

namespace TcpAo.Linux.Tests.Seccomp;

/// <summary>Answers as a test says, and remembers what was asked.</summary>
internal sealed class ScriptedHandler(Func<SocketCall, SocketAnswer> answer) : ISocketCallHandler
{
    /// <summary>What was handled, in its order.</summary>
    public ConcurrentQueue<Seen> Calls { get; } = new();

    /// <summary>Whether each answer came to the program, in the same order.</summary>
    public ConcurrentQueue<bool> Deliveries { get; } = new();

    public SocketAnswer Handle(SocketCall request)
    {
        byte[] value = [];
        int error = 0;
        if (request.Kind == SocketCallKind.SetOption && request.Length <= 4096)
        {
            value = new byte[request.Length];
            error = request.ReadValue(0, value);
        }

        ulong cookie = request.Kind != SocketCallKind.OpenFile && request.TryOpenSocket() ? request.Socket.Cookie : 0;
        ulong space = cookie == 0 ? 0 : request.Socket.NamespaceCookie;
        Calls.Enqueue(new Seen(request.Kind, request.Option, request.Length, cookie, space, request.ThreadId, value, request.Is32Bit));
        return error != 0 ? SocketAnswer.Fail(error) : answer(request);
    }

    public void Answered(SocketCall request, SocketAnswer answer, bool isDelivered) => Deliveries.Enqueue(isDelivered);

    internal sealed record Seen(SocketCallKind Kind, int Option, int Length, ulong Cookie, ulong NamespaceCookie, int ThreadId, byte[] Value, bool Is32Bit);
}
