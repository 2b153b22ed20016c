using System.Collections.Immutable;

namespace TcpAo.Hosting.Control;

/// <summary>A request to the control socket that was not granted.</summary>
public sealed class ControlException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="status">The HTTP status; 0 where nobody answered.</param>
    /// <param name="message">What went wrong, and what to do.</param>
    /// <param name="errors">Everything that is wrong with the configuration, where it is that.</param>
    public ControlException(int status, string message, ImmutableArray<string> errors)
        : base(message)
    {
        Status = status;
        Errors = errors.IsDefault ? [] : errors;
    }

    /// <summary>The HTTP status; 0 where nobody answered.</summary>
    public int Status { get; }

    /// <summary>Everything that is wrong with the configuration, one sentence each.</summary>
    public ImmutableArray<string> Errors { get; }
}
