using System.Net.Sockets;
using TcpAo.Linux.Sockets;

namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>A listener and a client whose keys two managers keep, by one clock.</summary>
internal sealed class ManagedMeeting : IDisposable
{
    private readonly Meeting _meeting;
    private readonly ManualTime _time = new();
    private readonly TcpAoKeyManager _server;
    private readonly TcpAoKeyManager _client;

    public ManagedMeeting(Ends ends)
    {
        _meeting = new Meeting(ends);
        _time.Set(5);
        TcpAoKeyManagerOptions options = new()
        {
            Time = _time,
            Observer = told =>
            {
                if (told.IsProblem)
                {
                    Problems.Add(told.Message);
                }
            },
        };
        _server = new TcpAoKeyManager(options);
        _client = new TcpAoKeyManager(options);
    }

    public List<string> Problems { get; } = [];

    public Ends Ends => _meeting.Ends;

    public Socket Listener => _meeting.Listener;

    public Socket Client => _meeting.Client;

    public void ManageListener() => _server.Manage(Listener, Chains.Rolling, Ends.Prefix);

    public void ManageClient() => _client.Manage(Client, Chains.Rolling, Ends.Host(Ends.Server));

    public bool Adopt(Socket accepted) => _server.Adopt(Listener, accepted) is not null;

    public Task<Socket> MeetAsync() => _meeting.MeetAsync();

    public Socket Keep(Socket socket) => _meeting.Keep(socket);

    /// <summary>Sets the clock and has both look.</summary>
    public void At(double day)
    {
        _time.Set(day);
        _server.Check();
        _client.Check();
    }

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
        _meeting.Dispose();
    }
}
