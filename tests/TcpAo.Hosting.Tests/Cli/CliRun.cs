using System.Text;
using TcpAo.Cli;
using Xunit;

namespace TcpAo.Hosting.Tests.Cli;

/// <summary>Tests that replace the console's streams run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ConsoleTests
{
    public const string Name = "console";
}

/// <summary>The program run in this process: its exit code and what it wrote.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.TrimEnd('\n').Split('\n');

    public static CliRun Of(params string[] args)
    {
        TextWriter before = Console.Error;
        using var error = new StringWriter();
        using var output = new MemoryStream();
        Console.SetError(error);
        try
        {
            int exitCode = Program.Run(args, () => new KeptOpen(output));
            return new CliRun(exitCode, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
        }
        finally
        {
            Console.SetError(before);
        }
    }

    /// <summary>The arguments that verify a capture of <see cref="Captures"/>.</summary>
    public static CliRun Verify(string capture, params string[] more) => Of(["verify", capture, .. more]);

    private sealed class KeptOpen(MemoryStream stream) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => stream.Write(buffer, offset, count);
    }
}
