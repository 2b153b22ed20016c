namespace TcpAo.Hosting.KeyFiles;

/// <summary>Why a key file was not changed.</summary>
public enum KeyFileFailure
{
    /// <summary>What was named is not there.</summary>
    NotFound,

    /// <summary>It could be done and would do harm.</summary>
    Refused,

    /// <summary>The file is written in a way that cannot be changed safely.</summary>
    CannotEdit,

    /// <summary>The file cannot be written.</summary>
    CannotWrite,
}
