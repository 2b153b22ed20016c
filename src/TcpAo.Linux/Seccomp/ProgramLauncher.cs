using System.Runtime.InteropServices;
using System.Text;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>Starts a program under a filter: all that <see cref="Libc.LaunchFiltered"/> needs is put into unmanaged memory first.</summary>
internal sealed unsafe class ProgramLauncher : IDisposable
{
    private const int StackLength = 256 * 1024;
    private const string DefaultPath = "/bin:/usr/bin";

    private readonly List<nint> _memory = [];
    private readonly LaunchRequest* _request;

    private ProgramLauncher()
    {
        _request = (LaunchRequest*)Allocate(sizeof(LaunchRequest));
    }

    /// <summary>Starts it.</summary>
    /// <returns>The process, a child of this one, and the descriptor of its listener.</returns>
    /// <exception cref="ProgramStartException">It does not run.</exception>
    public static (int ProcessId, int Listener) Launch(ProgramStart start, ReadOnlySpan<BpfInstruction> filter)
    {
        using ProgramLauncher launcher = new();
        return launcher.Run(start, filter);
    }

    public void Dispose()
    {
        if (_request->Attributes != null)
        {
            Libc.FreeSpawnAttributes(_request->Attributes);
        }

        foreach (nint memory in _memory)
        {
            NativeMemory.Free((void*)memory);
        }
    }

    /// <summary>The paths that execvp(3) would try.</summary>
    internal static IEnumerable<string> Candidates(string program, string? path) =>
        program.Length == 0 ? []
        : program.Contains('/', StringComparison.Ordinal) ? [program]
        : (path ?? DefaultPath).Split(':').Select(folder => folder.Length == 0 ? $"./{program}" : $"{folder}/{program}");

    private (int ProcessId, int Listener) Run(ProgramStart start, ReadOnlySpan<BpfInstruction> filter)
    {
        Libc.Resolve(_request);
        _request->Filter = (BpfProgram*)Allocate(sizeof(BpfProgram));
        _request->Filter->Length = checked((ushort)filter.Length);
        _request->Filter->Instructions = (BpfInstruction*)Allocate(filter.Length * sizeof(BpfInstruction));
        filter.CopyTo(new Span<BpfInstruction>(_request->Filter->Instructions, filter.Length));
        _request->AlwaysNoNewPrivileges = start.AlwaysNoNewPrivileges ? 1 : 0;
        string? path = start.Environment.TryGetValue("PATH", out string? given) ? given : Environment.GetEnvironmentVariable("PATH");
        _request->Candidates = Texts(Candidates(start.Program, path));
        _request->Arguments = Texts([start.Program, .. start.Arguments]);
        _request->ShellArguments = Texts(["sh", "", .. start.Arguments]);
        _request->Shell = Text("/bin/sh");
        _request->Environment = Variables(start.Environment);
        _request->Attributes = Libc.SpawnAttributes(Libc.SIGPIPE);
        _request->Listener = -1;

        // the runtime raises the soft limit to the hard one; programs that walk all descriptors would notice
        bool isRaised = Libc.TryGetFileLimit(0, out (ulong Soft, ulong Hard) own) & Libc.TryGetFileLimit(Libc.ParentId(), out (ulong Soft, ulong Hard) parents)
            && parents.Hard == own.Hard && parents.Soft < own.Soft;
        if (isRaised)
        {
            Libc.SetFileLimit(parents);
        }

        try
        {
            Thread thread = new(OnThread, StackLength) { Name = "tcpao launch", IsBackground = true };
            thread.Start();
            thread.Join();
        }
        finally
        {
            if (isRaised)
            {
                Libc.SetFileLimit(own);
            }
        }

        return Outcome(start.Program);
    }

    private (int ProcessId, int Listener) Outcome(string program)
    {
        if (_request->Listener < 0)
        {
            string why = _request->FilterError switch
            {
                Errno.EBUSY => "Another program supervises this process by seccomp already; start this one outside.",
                Errno.EINVAL => "This kernel has no seccomp user notification (CONFIG_SECCOMP_FILTER, Linux 5.9).",
                _ => "The kernel did not take the filter for the program's calls.",
            };
            throw new ProgramStartException(125, $"{why} ({Errno.Describe(_request->FilterError)})");
        }

        if (_request->SpawnError != 0)
        {
            _ = Libc.Close(_request->Listener);
            throw _request->SpawnError == Errno.ENOENT
                ? new ProgramStartException(127, $"{program}: no such program")
                : new ProgramStartException(126, $"{program} cannot be executed ({Errno.Describe(_request->SpawnError)})");
        }

        return (_request->ProcessId, _request->Listener);
    }

    // nothing may follow the call: see LaunchFiltered
    private void OnThread() => Libc.LaunchFiltered(_request);

    private byte** Variables(IReadOnlyDictionary<string, string?> changes)
    {
        byte** inherited = Libc.NativeEnvironment();
        List<nint> variables = [];
        for (byte** at = inherited; at != null && *at != null; at++)
        {
            ReadOnlySpan<byte> variable = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(*at);
            int end = variable.IndexOf((byte)'=');
            if (end < 0 || changes.Count == 0 || !changes.ContainsKey(Encoding.UTF8.GetString(variable[..end])))
            {
                variables.Add((nint)(*at));
            }
        }

        foreach ((string name, string? value) in changes)
        {
            if (value is not null)
            {
                variables.Add((nint)Text($"{name}={value}"));
            }
        }

        return Pointers(variables);
    }

    private byte** Texts(IEnumerable<string> texts) => Pointers([.. texts.Select(text => (nint)Text(text))]);

    private byte** Pointers(List<nint> values)
    {
        nint* pointers = (nint*)Allocate((values.Count + 1) * sizeof(nint));
        for (int i = 0; i < values.Count; i++)
        {
            pointers[i] = values[i];
        }

        return (byte**)pointers;
    }

    private byte* Text(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("An argument or a variable cannot hold a zero byte.", nameof(text));
        }

        int length = Encoding.UTF8.GetByteCount(text);
        byte* bytes = Allocate(length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
        return bytes;
    }

    private byte* Allocate(int length)
    {
        void* memory = NativeMemory.AllocZeroed((nuint)length);
        _memory.Add((nint)memory);
        return (byte*)memory;
    }
}
